import { defineCommand } from 'citty'
import type { CommandDef } from 'citty'
import { exec } from './exec.ts'
import { flags, readFlags } from './flags.ts'
import type { Flags } from './flags.ts'

/** `fal-emulator exec -- <command>`: runs a program with its calls to fal answered here. */
export const execCommand: CommandDef<Flags> = defineCommand({
  meta: {
    name: 'fal-emulator exec',
    description:
      'Runs a Node program, unchanged, with its calls to fal’s hosts answered by an emulator started for it: exec [flags] -- <command>',
  },
  args: flags,
  async run({ args, rawArgs }) {
    const end = rawArgs.indexOf('--')
    const [command, ...parameters] = end < 0 ? [] : rawArgs.slice(end + 1)
    if (command === undefined) {
      throw new RangeError('Say what to run: fal-emulator exec [flags] -- <command>')
    }
    process.exitCode = await exec(command, parameters, readFlags(args))
  },
})
