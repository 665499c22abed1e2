/**
 * All that must hold before a change lands: lint, formatting, types (also under the compilers that users have),
 * generated code, packages, and every test. Ends with one line of the run's real counts: each check is one, each
 * test is one.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const scratch = mkdtempSync(join(tmpdir(), 'decoraft-test-'));
const report = join(scratch, 'report.json');

const checks = {
  lint: 'npx oxlint --type-aware --deny-warnings',
  format: 'npx prettier --check --log-level warn .',
  'types of tests and scripts': 'node node_modules/typescript/bin/tsc -p test/tsconfig.json',
  'types under TypeScript 5.9': 'node node_modules/typescript-5.9/bin/tsc -p test/tsconfig.json',
  'types under TypeScript 7': 'node node_modules/typescript-7/bin/tsc -p test/tsconfig.json',
  'generated code is fresh': 'npm run --silent generate -- --check',
  'nothing is unused': 'npx knip',
  'packages are sound': 'node scripts/check-packages.mjs',
};

const failed = Object.entries(checks)
  .filter(([name, command]) => !passes(name, command))
  .map(([name]) => name);

/** Several times what it takes on two busy cores: a run that stands still must not stand for ever. */
const LONGEST_MS = 40 * 60_000;
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const run = spawnSync(process.execPath, [vitest, 'run', ...reporters], {
  cwd: root,
  stdio: 'inherit',
  timeout: LONGEST_MS,
  killSignal: 'SIGKILL',
});
if (run.error) console.log(`FAILED: the tests did not end by themselves: ${run.error.message}`);
const tests = readReport();
rmSync(scratch, { recursive: true, force: true });

// A test that needs what this machine does not have has not passed: nobody should think that it had.
for (const name of tests.notRun) console.log(`NOT RUN: ${name}`);
for (const name of failed) console.log(`FAILED check: ${name}`);
const passedCount = Object.keys(checks).length - failed.length + tests.passed;
const failedCount = failed.length + tests.failed;
console.log(`${passedCount} passed, ${failedCount} failed`);
process.exitCode = failedCount === 0 ? 0 : 1;

function passes(name, command) {
  console.log(`— ${name}: ${command}`);
  return spawnSync(command, { cwd: root, shell: true, stdio: 'inherit' }).status === 0;
}

/** A run that left no report, or a file that could not be loaded, has failed. */
function readReport() {
  try {
    const { numFailedTests, numFailedTestSuites, numPassedTests, success, testResults } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    const broken = numFailedTests === 0 && (!success || numFailedTestSuites > 0) ? 1 : 0;
    const notRun = testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => status !== 'passed' && status !== 'failed')
      .map(({ fullName }) => fullName);
    return { passed: numPassedTests, failed: numFailedTests + broken, notRun };
  } catch {
    return { passed: 0, failed: 1, notRun: [] };
  }
}
