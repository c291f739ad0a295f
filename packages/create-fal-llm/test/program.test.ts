import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runProgram } from './run-program.ts'

let cwd: string
beforeEach(async () => void (cwd = await mkdtemp(join(tmpdir(), 'create-fal-llm-'))))
afterEach(() => rm(cwd, { recursive: true }))

const react = ['--framework', 'react', '--no-install']

test('without a terminal and without flags says in one sentence what to give', async () => {
  const { code, stdout, stderr } = await runProgram([], cwd)
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/^create-fal-llm: There is no terminal to ask in: .*\n$/)
  expect(await readdir(cwd)).toEqual([])
})

test('writes an app and prints what to type next, as the package manager writes it', async () => {
  const env = { npm_config_user_agent: 'pnpm/12.21.0 npm/? node/v20' }
  const { code, stdout } = await runProgram(['app', ...react], cwd, env)
  expect(code).toBe(0)
  expect(stdout).toContain('\n  cd app\n  pnpm install\n  pnpm dev\n')
  const { version } = JSON.parse(
    await readFile(join(import.meta.dirname, '../package.json'), 'utf8'),
  )
  const manifest = JSON.parse(await readFile(join(cwd, 'app/package.json'), 'utf8'))
  expect(manifest).toMatchObject({ name: 'app', dependencies: { '@fal-llm/react': `^${version}` } })
})

test('writes into the folder one is in, beside a repository', async () => {
  const here = join(cwd, 'My Chat')
  await mkdir(join(here, '.git'), { recursive: true })
  const { code, stdout } = await runProgram(['.', ...react], here)
  expect(code).toBe(0)
  expect(stdout).not.toContain('cd ')
  expect(JSON.parse(await readFile(join(here, 'package.json'), 'utf8')).name).toBe('my-chat')
})

test('uses a folder that is there and empty', async () => {
  await mkdir(join(cwd, 'app'))
  expect((await runProgram(['app', ...react], cwd)).code).toBe(0)
})

test('touches nothing in a folder that holds something', async () => {
  await mkdir(join(cwd, 'app'))
  await writeFile(join(cwd, 'app/README.md'), 'mine')
  const { code, stderr } = await runProgram(['app', ...react], cwd)
  expect(code).toBe(1)
  expect(stderr).toContain('app is not empty: it holds README.md. Choose another name.')
  expect(await readdir(join(cwd, 'app'))).toEqual(['README.md'])
})

test('refuses the name of a file, and a name that npm refuses', async () => {
  await writeFile(join(cwd, 'app'), '')
  expect((await runProgram(['app', ...react], cwd)).stderr).toContain('app is a file.')
  expect((await runProgram(['My App', ...react], cwd)).stderr).toContain('Try "my-app".')
})

test('begins a repository with everything in it but node_modules and keys', async () => {
  const author = {
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  }
  const { stdout } = await runProgram(['app', ...react, '--git'], cwd, author)
  expect(stdout).toContain('A git repository, with a first commit.')
  expect(await readdir(join(cwd, 'app/.git'))).toContain('HEAD')
  const again = await runProgram(['app/inner', ...react, '--git'], cwd, author)
  expect(again.stdout).toContain('in a git repository already')
})

test('says how to be called, and which version it is', async () => {
  expect((await runProgram(['--help'], cwd)).stdout).toContain('-f, --framework')
  expect((await runProgram(['--version'], cwd)).stdout).toMatch(/^\d+\.\d+\.\d+/)
})

test('leaves the app whole when the install fails, says why and exits with 1', async () => {
  // No package manager is there to be found.
  const env = { PATH: '', npm_config_user_agent: 'bun/1.3' }
  const { code, stdout, stderr } = await runProgram(['app', '--framework', 'vue'], cwd, env)
  expect(code).toBe(1)
  expect(stderr).toContain('bun install failed; the app itself is complete.')
  expect(stdout).toContain('bun install\n  bun run dev')
  expect(await readdir(join(cwd, 'app'))).toContain('package.json')
})
