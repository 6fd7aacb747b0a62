// GitHub's own parser of workflows and engine of expressions, for tests. Reads a JSON object and writes
// a JSON list: of {workflow} the errors, of {expressions, contexts} the values, each as text.
import fs from 'node:fs';
import { Evaluator, Lexer, Parser, data } from '@actions/expressions';
import { NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';

function errors(workflow) {
  const file = { name: 'workflow.yml', content: workflow };
  const { context } = parseWorkflow(file, new NoOperationTraceWriter());
  return context.errors.getErrors().map(({ message }) => message);
}

function value(expression, contexts) {
  const known = JSON.parse(JSON.stringify(contexts), data.reviver);
  const tree = new Parser(new Lexer(expression).lex().tokens, Object.keys(contexts), []).parse();
  return new Evaluator(tree, known).evaluate().coerceString();
}

const asked = JSON.parse(fs.readFileSync(0, 'utf8'));
const answer =
  'workflow' in asked
    ? errors(asked.workflow)
    : asked.expressions.map((expression) => value(expression, asked.contexts));
console.log(JSON.stringify(answer));
