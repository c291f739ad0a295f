import { isCancel, select, text } from '@clack/prompts'
import { frameworkNames, frameworks } from './frameworks.ts'
import type { FrameworkName } from './frameworks.ts'
import { Refusal } from './refusal.ts'
import { toTarget } from './target.ts'
import type { Target } from './target.ts'
import { checkFolder } from './write-files.ts'

/** Finds out where an app may go. @throws Refusal where it may not */
export function checkTarget(given: string, cwd: string): Target {
  const target = toTarget(given, cwd)
  checkFolder(target.folder)
  return target
}

/** Asks for a name until it is one. @throws Refusal when the person leaves */
export async function askName(cwd: string): Promise<Target> {
  const placeholder = 'my-chat'
  const given = await text({
    message: 'What shall it be called?',
    placeholder,
    defaultValue: placeholder,
    validate: (value) => whyNot(() => checkTarget(value || placeholder, cwd)),
  })
  return checkTarget(orLeave(given), cwd)
}

/** Asks for a framework. @throws Refusal when the person leaves */
export async function askFramework(): Promise<FrameworkName> {
  const chosen = await select({
    message: 'In which framework?',
    options: frameworkNames.map((value) => {
      const { title, hint } = frameworks[value]
      return { value, label: title, hint }
    }),
  })
  return orLeave(chosen)
}

function orLeave<Answer>(answer: Answer): Exclude<Answer, symbol> {
  if (isCancel(answer)) throw new Refusal('Nothing was made.')
  // The one symbol is that of leaving.
  return answer as Exclude<Answer, symbol>
}

function whyNot(attempt: () => unknown): string | undefined {
  try {
    attempt()
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error.message
    throw error
  }
}
