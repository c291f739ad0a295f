#!/usr/bin/env node
import { main } from './main.ts'

const code = await main(process)
// What is written must have gone; stdin may still be open and must not keep us.
process.stdout.write('', () => process.exit(code))
