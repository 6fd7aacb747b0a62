// GitHub's own parser of workflows and engine of expressions, for tests. Reads a JSON object and writes
// JSON: of {workflow} a list of its errors; of {expressions, contexts} a list of their values, each as
// text; of {workflow, contexts, cancelled} an object of the jobs that run, each with its matrix as text.
// What a job needs has its result and outputs in contexts.needs, by its name.
import fs from 'node:fs';
import { Evaluator, Lexer, Parser, data } from '@actions/expressions';
import { NoOperationTraceWriter, convertWorkflowTemplate, parseWorkflow } from '@actions/workflow-parser';

function parsed(workflow) {
  const file = { name: 'workflow.yml', content: workflow };
  return parseWorkflow(file, new NoOperationTraceWriter());
}

function errors(workflow) {
  return parsed(workflow).context.errors.getErrors().map(({ message }) => message);
}

function evaluated(expression, contexts, statuses = {}) {
  const functions = Object.entries(statuses).map(([name, holds]) => ({
    name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(holds),
  }));
  const known = JSON.parse(JSON.stringify(contexts), data.reviver);
  const tree = new Parser(new Lexer(expression).lex().tokens, Object.keys(contexts), functions).parse();
  return new Evaluator(tree, known, new Map(functions.map((one) => [one.name, one]))).evaluate();
}

function value(expression, contexts) {
  return evaluated(expression, contexts).coerceString();
}

async function jobs({ workflow, contexts, cancelled }) {
  const { context, value: root } = parsed(workflow);
  const template = await convertWorkflowTemplate(context, root);
  const running = {};
  for (const job of template.jobs) {
    const results = (job.needs ?? []).map((name) => contexts.needs[name.value].result);
    const statuses = {
      always: true,
      cancelled,
      failure: !cancelled && results.includes('failure'),
      success: !cancelled && results.every((result) => result === 'success'),
    };
    // The parser adds success() where a condition asks for no status.
    if (evaluated(job.if.expression, contexts, statuses).coerceString() === 'true') {
      const [matrix] = JSON.stringify(job.strategy?.toJSON() ?? '').match(/fromJSON\([^)]*\)/i) ?? [''];
      running[job.id.value] = matrix && JSON.stringify(evaluated(matrix, contexts), data.replacer);
    }
  }
  return running;
}

function answer(asked) {
  if ('cancelled' in asked) return jobs(asked);
  if ('workflow' in asked) return errors(asked.workflow);
  return asked.expressions.map((expression) => value(expression, asked.contexts));
}

const asked = JSON.parse(fs.readFileSync(0, 'utf8'));
Promise.resolve(answer(asked)).then((answered) => console.log(JSON.stringify(answered)));
