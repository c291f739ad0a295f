// What each door of each published package gives out, exactly: values and types. A name that comes or goes is a line in
// doors.txt, where a reviewer sees it; `npx vitest run scripts/doors -u` writes it anew.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const packages = ['core', 'react', 'vue', 'svelte', 'server', 'emulator', 'vite']
/** Doors that are programs: they run when they are imported. */
const programs = new Set(['@fal-llm/emulator/cli'])

interface Door {
  readonly name: string
  readonly source: string
}

function doorsOf(name: string): readonly Door[] {
  const folder = join(root, 'packages', name)
  const { exports }: { exports: Record<string, string | Record<string, string>> } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  )
  return Object.entries(exports).flatMap(([path, target]) => {
    const source = typeof target === 'string' ? undefined : target['@fal-llm/source']
    return source ? [{ name: join('@fal-llm', name, path), source: join(folder, source) }] : []
  })
}

/** The names a file exports; nothing may be handed on unnamed. */
function exportsOf(file: string): { readonly values: string[]; readonly types: string[] } {
  const values: string[] = []
  const types: string[] = []
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest)
  for (const statement of source.statements) {
    if (ts.isExportDeclaration(statement)) {
      const { exportClause, isTypeOnly } = statement
      if (!exportClause || !ts.isNamedExports(exportClause)) throw new Error(`${file}: export *`)
      for (const element of exportClause.elements) {
        ;(isTypeOnly || element.isTypeOnly ? types : values).push(element.name.text)
      }
      continue
    }
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : []
    if (!modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) continue
    if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) {
        if (ts.isIdentifier(name)) values.push(name.text)
      }
    } else if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) {
      types.push(statement.name.text)
    } else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
      if (statement.name) values.push(statement.name.text)
    }
  }
  return { values: [...new Set(values)].toSorted(), types: [...new Set(types)].toSorted() }
}

const doors = packages.flatMap(doorsOf).filter(({ name }) => !programs.has(name))

test('each door gives out what doors.txt says, values and types', async () => {
  const listing = doors.map(({ name, source }) => {
    const { values, types } = exportsOf(source)
    return [name, ...values.map((one) => `  ${one}`), ...types.map((one) => `  type ${one}`)]
  })
  await expect(`${listing.flat().join('\n')}\n`).toMatchFileSnapshot('./doors.txt')
})

test.each(doors)('$name gives out its values when it is imported, and no others', async (door) => {
  const module: object = await import(door.source)
  expect(Object.keys(module).toSorted()).toEqual(exportsOf(door.source).values)
})

test('a user of a binding is not given what only bindings need', () => {
  const onlyBindings = exportsOf(join(root, 'packages/core/src/binding.ts')).values
  for (const name of ['core', 'react', 'vue', 'svelte']) {
    const { values } = exportsOf(join(root, `packages/${name}/src/index.ts`))
    expect(values.filter((value) => onlyBindings.includes(value))).toEqual([])
  }
})

test('a binding hands on all that core gives a user', () => {
  const core = exportsOf(join(root, 'packages/core/src/index.ts'))
  for (const name of ['react', 'vue', 'svelte']) {
    const own = exportsOf(join(root, `packages/${name}/src/index.ts`))
    expect(own.values).toEqual(expect.arrayContaining(core.values))
    expect(own.types).toEqual(expect.arrayContaining(core.types))
  }
})
