#!/usr/bin/env node
// Loads the program only where it can run: on an older Node its imports would fail before it could say why.

import process from 'node:process'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major > 20 || (major === 20 && minor >= 19)) {
  await import('./cli.ts')
} else {
  console.error(
    `fal-emulator needs Node 20.19 or newer, and this is ${process.versions.node}: get one from https://nodejs.org`,
  )
  process.exitCode = 1
}
