#!/usr/bin/env node
import { main } from './main.ts'

const code = await main(process)
// Waits until everything is written. stdin may still be open and would keep the process alive.
process.stdout.write('', () => process.exit(code))
