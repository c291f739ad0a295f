import nodePath from 'node:path'
import type { PlatformPath } from 'node:path'
import validateName from 'validate-npm-package-name'
import { Refusal } from './refusal.ts'

/** Where an app goes, and what it is called. */
export interface Target {
  /** Absolute. */
  readonly folder: string
  /** One that npm takes. */
  readonly name: string
}

/**
 * Finds out what is meant by "app", "path/to/app", "@me/app" (in the folder "app") or ".".
 *
 * @param path How this system writes paths. Default: node:path.
 * @throws Refusal for a name that npm refuses, with one it takes. A folder that is there keeps its name: "." is never refused.
 */
export function toTarget(given: string, cwd: string, path: PlatformPath = nodePath): Target {
  const words = given.trim()
  if (words === '') throw new Refusal('An app needs a name.')
  if (/^@[^/\\]+\/[^/\\]+$/.test(words)) {
    return { folder: path.resolve(cwd, words.slice(words.indexOf('/') + 1)), name: allow(words) }
  }
  const folder = path.resolve(cwd, words)
  const base = path.basename(folder)
  const isHere = folder === path.resolve(cwd)
  return { folder, name: isHere ? toPackageName(base) : allow(base) }
}

/** Makes a name that npm takes of any words. Never throws. */
export function toPackageName(words: string): string {
  const name = words
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
    .replace(/[-.]+$/, '')
  return isAllowed(name) ? name : 'fal-llm-app'
}

function allow(name: string): string {
  if (isAllowed(name)) return name
  const { errors = [], warnings = [] } = validateName(name)
  const why = [...errors, ...warnings][0] ?? 'it is none'
  throw new Refusal(`npm does not take "${name}": ${why}. Try "${toPackageName(name)}".`)
}

function isAllowed(name: string): boolean {
  return validateName(name).validForNewPackages
}
