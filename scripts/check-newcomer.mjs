// What a newcomer does, from nothing, against the packed tarballs and in a real browser: npm create vite, npm install, one line
// in vite.config, the README's component as it stands, npm run dev, a question and Enter. Prints the seconds to the first word;
// exits with 1 where none comes. Needs the package registry, a Chromium and some minutes:
// node scripts/check-newcomer.mjs [react] [vue] [svelte]

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright-core'
import { call, packPackages } from './pack-packages.mjs'

const root = resolve(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
/** How long a first word may take, milliseconds: the machine may be busy, a defect waits for ever. */
const patienceMs = 60_000

const frameworks = {
  react: { heading: 'React', language: 'tsx', file: 'src/App.tsx', check: ['run', 'build'] },
  vue: { heading: 'Vue', language: 'vue', file: 'src/App.vue', check: ['run', 'build'] },
  svelte: {
    heading: 'Svelte',
    language: 'svelte',
    file: 'src/App.svelte',
    check: ['run', 'check'],
  },
}

/** The first block of that language below the heading. */
function componentOf({ heading, language }) {
  const [, section = ''] = readme.split(new RegExp(`^## ${heading}$`, 'm'))
  const [, block] = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(section) ?? []
  if (block === undefined) throw new Error(`README.md has no ${language} block below ## ${heading}`)
  return block
}

/** Adds the plugin to what create-vite wrote. */
function addPlugin(config) {
  const text = readFileSync(config, 'utf8')
  const changed = text.replace(/plugins: \[/, 'plugins: [falLlm(), ')
  if (changed === text) throw new Error(`there are no plugins in ${config}:\n${text}`)
  writeFileSync(config, `import { falLlm } from '@fal-llm/vite'\n${changed}`)
}

/** Starts `npm run dev` and resolves with the address it prints. */
async function startDev(app) {
  const { FAL_KEY: _key, FAL_BASE_URL: _url, ...env } = process.env
  // A group of its own, so that npm's children end with it.
  const dev = spawn('npm', ['run', 'dev', '--', '--port', '0'], {
    cwd: app,
    env: { ...env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let said = ''
  const url = await new Promise((found, fail) => {
    const read = (piece) => {
      said += piece
      const [address] = /http:\/\/(localhost|127\.0\.0\.1):\d+\//.exec(said) ?? []
      if (address) found(address)
    }
    dev.stdout.on('data', read)
    dev.stderr.on('data', read)
    dev.once('close', () => fail(new Error(`npm run dev ended:\n${said}`)))
  })
  if (!said.includes('no FAL_KEY, answers come from the emulator')) {
    throw new Error(`the dev server does not say who answers:\n${said}`)
  }
  return { url, stop: () => process.kill(-dev.pid) }
}

/** Asks in a browser. Returns the seconds from Enter to the first word. */
async function askInBrowser(url) {
  const executablePath = [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ]
    .filter((path) => existsSync(path))
    .at(0)
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  const complaints = []
  try {
    const page = await browser.newPage()
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()))
    await page.goto(url, { timeout: patienceMs })
    const input = page.locator('input')
    await input.fill('Hello, who answers?', { timeout: patienceMs })
    const askedAt = performance.now()
    await input.press('Enter')
    await page.locator('[data-role=assistant]', { hasText: /\w/ }).waitFor({ timeout: patienceMs })
    const seconds = (performance.now() - askedAt) / 1000
    // A refused question shows its error, and nothing that was lost.
    await page.getByRole('button', { name: 'Send' }).waitFor({ timeout: patienceMs })
    if ((await page.getByRole('alert').count()) > 0 || complaints.length > 0) {
      throw new Error(`the page complains: ${await page.innerText('body')}`)
    }
    await input.fill('/500')
    await input.press('Enter')
    await page.getByRole('alert').waitFor({ timeout: patienceMs })
    return seconds
  } catch (error) {
    throw new Error([error.message, ...complaints].join('\n'), { cause: error })
  } finally {
    await browser.close()
  }
}

async function visit(name, work, tarballs) {
  const { file, check } = frameworks[name]
  const startedAt = performance.now()
  const create = [
    'create',
    'vite@latest',
    name,
    '--',
    '--template',
    `${name}-ts`,
    '--no-interactive',
  ]
  call('npm', ['-y', ...create], work)
  const app = join(work, name)
  const ours = [`@fal-llm/${name}`, '@fal-llm/vite']
  // Not on the registry yet: what they need comes along as tarballs, too.
  const needed = ['@fal-llm/core', '@fal-llm/server', '@fal-llm/emulator', ...ours]
  const install = ['install', '--no-audit', '--no-fund', '--silent']
  call('npm', [...install, ...needed.map((dependency) => tarballs[dependency])], app)
  addPlugin(join(app, 'vite.config.ts'))
  writeFileSync(join(app, file), componentOf(frameworks[name]))
  const dev = await startDev(app)
  try {
    const wordSeconds = await askInBrowser(dev.url)
    const allSeconds = (performance.now() - startedAt) / 1000
    // The component compiles in the strict template.
    call('npm', check, app)
    return { wordSeconds, allSeconds }
  } finally {
    dev.stop()
  }
}

const words = process.argv.slice(2)
const work = mkdtempSync(join(tmpdir(), 'fal-llm-newcomer-'))
let failed = false
try {
  const packed = join(work, 'tarballs')
  mkdirSync(packed)
  const tarballs = packPackages(packed)
  for (const name of words.length > 0 ? words : Object.keys(frameworks)) {
    try {
      const { wordSeconds, allSeconds } = await visit(name, work, tarballs)
      console.log(
        `${name}: first word ${wordSeconds.toFixed(2)} s after Enter, ${allSeconds.toFixed(0)} s from nothing`,
      )
    } catch (error) {
      failed = true
      console.error(`${name}: no first word\n${error.message}`)
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true })
}
process.exitCode = failed ? 1 : 0
