#!/usr/bin/env node
import process from 'node:process'

// Only what any Node can load stands here: an old one is told so in a sentence, not in a stack of a library's.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`create-fal-llm needs Node 20.19 or newer; this is ${process.versions.node}.`)
  process.exitCode = 1
} else {
  const { main } = await import('./main.ts')
  process.exitCode = await main(process)
}
