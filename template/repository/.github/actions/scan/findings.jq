# Makes of a scanner's SARIF what GitHub's code scanning takes, one run with one category, in which each
# finding is at a file of the package. Takes the package's folder, the kind of scan, and the lowest severity.

def path: split("/") | map(@uri) | join("/");

# Grype's text begins with it; Snyk leaves out what is below the threshold.
def severity: (.message.text | capture("^An? (?<it>low|medium|high|critical) vulnerability ").it)? // "critical";

["low", "medium", "high", "critical"] as $severities
| (if $kind == "requirements" then "requirements.txt" else "Dockerfile" end) as $file
| ([.runs[].results[]? | select(IN(severity; $severities[$severities | index($threshold):][]))]
    | unique_by(.ruleId)
    | map({
        ruleId, message, level: (.level // "warning"),
        locations: [{physicalLocation: {
          artifactLocation: {uri: ("\($package)/\($file)" | path)},
          region: {startLine: (.locations[0].physicalLocation.region.startLine // 1)}
        }}],
        partialFingerprints: {primaryLocationLineHash: "\(.ruleId):1"}
      })) as $results
| .runs |= [{
    automationDetails: {id: "\($kind)/\($package | path)/"}, # the category is what is before the last slash
    results: $results,
    tool: {driver: ((.[0].tool.driver // {name: "none"}) + {
      rules: (map(.tool.driver.rules[]? | select(IN(.id; $results[].ruleId)))
        | unique_by(.id)
        # Snyk writes "undefined" for licenses.
        | map(.properties += {"security-severity": (.properties["security-severity"] | tonumber? // 0 | tostring)}))
    })}
  }]
