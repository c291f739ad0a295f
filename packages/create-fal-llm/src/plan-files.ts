import { frameworks } from './frameworks.ts'
import type { Framework, FrameworkName } from './frameworks.ts'
import { mergeJson } from './merge-json.ts'
import type { PackageManager } from './package-manager.ts'

/** The files of one layer, by their path in it, with slashes. */
export type LayerFiles = Readonly<Record<string, string>>

/** What decides the words of an app's files. */
export interface AppChoice {
  readonly name: string
  readonly framework: FrameworkName
  readonly packageManager: PackageManager
  /** Of this package; the app's own packages are of the same. */
  readonly version: string
}

/** npm leaves these names out of a package, or reads them as its own. */
const hiddenNames: Readonly<Record<string, string>> = {
  _gitignore: '.gitignore',
  '_env.example': '.env.example',
}

/**
 * Plans every file of an app: its path, with slashes, and its text.
 *
 * @param read Gives the files of a layer.
 * @throws Error for a placeholder that no word stands for.
 */
export function planFiles(
  choice: AppChoice,
  read: (layer: string) => LayerFiles,
): ReadonlyMap<string, string> {
  const framework: Framework = frameworks[choice.framework]
  const { name, version, packageManager } = choice
  const words = {
    ...framework.words,
    NAME: name,
    FRAMEWORK: framework.title,
    VERSION: version,
    INSTALL: packageManager.install.join(' '),
    RUN: packageManager.run,
  }
  const files = new Map<string, readonly string[]>()
  for (const { from, to } of framework.layers) {
    for (const [path, text] of Object.entries(read(from))) {
      const target = toTargetPath(to, path)
      if (target === 'pnpm-workspace.yaml' && packageManager.name !== 'pnpm') continue
      files.set(target, [...(files.get(target) ?? []), fillIn(text, words, `${from}/${path}`)])
    }
  }
  const whole = [...files].map(([path, parts]) => [path, join(path, parts)] as const)
  return new Map(whole.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

/** package.json and tsconfig.json are made of parts; of anything else the last layer's is the one. */
function join(path: string, parts: readonly string[]): string {
  const last = parts.at(-1) ?? ''
  return path.endsWith('.json') && parts.length > 1 ? mergeJson(parts) : last
}

function toTargetPath(folder: string, path: string): string {
  const segments = path.split('/')
  const name = segments.at(-1) ?? ''
  return [folder, ...segments.slice(0, -1), hiddenNames[name] ?? name].filter(Boolean).join('/')
}

function fillIn(text: string, words: Readonly<Record<string, string>>, where: string): string {
  return text.replaceAll(/__([A-Z]+)__/g, (_, placeholder: string) => {
    const word = words[placeholder]
    if (word === undefined) throw new Error(`${where}: nothing stands for __${placeholder}__`)
    return word
  })
}
