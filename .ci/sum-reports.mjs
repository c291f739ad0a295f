// Adds up the runners' reports and prints the closing line. A report that is missing counts as one failure.

import { readFileSync } from 'node:fs'

let passed = 0
let failed = 0
for (const file of process.argv.slice(2)) {
  const report = read(file)
  passed += report.numPassedTests
  failed += report.numFailedTests
  // A file that could not be loaded has no failed test in it.
  if (!report.success && report.numFailedTests === 0) failed += 1
}
console.log(`${passed} passed, ${failed} failed`)
if (failed > 0 || passed === 0) process.exit(1)

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    console.error(`There is no report ${file}: its runner did not get that far`)
    return { numPassedTests: 0, numFailedTests: 0, success: false }
  }
}
