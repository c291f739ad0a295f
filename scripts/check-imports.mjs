// Holds the rooms of ARCHITECTURE.md apart: who may import whom, and who may touch what the machine offers. In every package
// no file imports itself in a circle, types included, and no folder holds more sources than one can look through. (How long
// a function may be is oxlint's to say.) Run by `pnpm check`, or for some packages: node scripts/check-imports.mjs core vue.
// Prints every breach and exits with 1.

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')

/** packages/core, from left to right: a file imports only from rooms of a lower or the same number. */
const coreRooms = [
  [/^(errors|events|store|load-part|json|parse-json|clock|deadline|duration)\.ts$/, 0],
  [/^endpoints\//, 1],
  [/^wire\//, 2],
  [/^generate\//, 3],
  [/^(create-fal-llm|fal-backend)\.ts$/, 4],
  [/^chat\//, 5],
  [/^create-[a-z-]+\.ts$/, 6],
  [/^(index|binding)\.ts$/, 6],
]

/** Which of our packages a package's sources may import, and by which door. */
const packageDoors = {
  core: [],
  react: ['@fal-llm/core', '@fal-llm/core/binding'],
  vue: ['@fal-llm/core', '@fal-llm/core/binding'],
  svelte: ['@fal-llm/core', '@fal-llm/core/binding'],
  server: ['@fal-llm/core/endpoints', '@fal-llm/core'],
  emulator: ['@fal-llm/core/endpoints'],
  // What it writes imports ours; it itself runs before anything is installed.
  'create-fal-llm': [],
  vite: ['@fal-llm/server', '@fal-llm/server/node', '@fal-llm/emulator'],
  'fal-emulator': ['@fal-llm/emulator/cli'],
  testkit: ['@fal-llm/core', '@fal-llm/core/binding', '@fal-llm/emulator'],
}

/** Files that may reach into another package's sources; each says why. */
const insiders = new Set(['testkit/load-parts.ts'])

const frameworks = /^(react|react-dom|vue|svelte)(\/|$)/
const frameworkOf = { react: /^react(\/|$)/, vue: /^vue(\/|$)/, svelte: /^svelte(\/|$)/ }

/** Files of core that may name what only one platform has; each says why at its top. */
const platformFiles = new Set(['wire/http/environment.ts', 'store.ts'])
const platformWords =
  /(?<![.\w'"`-])(window|document|process|Buffer|localStorage|navigator)\s*[.[(]/

/** A folder with more sources is two rooms. Tests are not counted. */
const mostSources = 16

const breaches = []
const packages = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(packageDoors)
for (const name of packages) {
  const folder = join(root, 'packages', name)
  // A package that is a bin and nothing else has no sources to build.
  const source = existsSync(join(folder, 'src')) ? join(folder, 'src') : folder
  const files = filesOf(source)
  const imports = new Map(files.map((file) => [relative(source, file), new Set()]))
  for (const file of files) checkFile(name, source, file, imports.get(relative(source, file)))
  const say = (path, what) => breaches.push(`${relative(root, join(source, path))}: ${what}`)
  for (const circle of circlesIn(imports)) say(circle[0], `imports itself: ${circle.join(' → ')}`)
  for (const [crowded, count] of countSources(files)) {
    if (count > mostSources) {
      say(relative(source, crowded), `holds ${count} sources; ${mostSources} are the most`)
    }
  }
  if (name !== 'core') continue
  for (const circle of circlesIn(roomsOf(imports))) {
    say(circle[0], `imports itself by way of its files: ${circle.join(' → ')}`)
  }
}
for (const breach of breaches) console.error(breach)
if (breaches.length > 0) process.exit(1)
console.log('imports are in order')

function checkFile(name, source, file, found) {
  const text = readFileSync(file, 'utf8')
  const path = relative(source, file)
  const say = (what) => breaches.push(`${relative(root, file)}: ${what}`)
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')
  for (const [, specifier] of code.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
    if (specifier.startsWith('.')) {
      found.add(relative(source, resolve(dirname(file), specifier)))
      checkRelative(name, source, file, specifier, say)
    } else checkPackage(name, specifier, say)
  }
  if (name === 'core' && !platformFiles.has(path) && platformWords.test(code)) {
    say(`names ${code.match(platformWords)[1]}, which not every platform has`)
  }
}

function checkRelative(name, source, file, specifier, say) {
  const target = relative(source, resolve(dirname(file), specifier))
  if (target.startsWith('..')) {
    if (!insiders.has(`${name}/${relative(source, file)}`)) {
      say(`reaches out of its package: ${specifier}`)
    }
    return
  }
  if (name !== 'core') return
  const own = relative(source, file)
  if (target === 'store.ts' ? roomOf(own) < 3 : roomOf(target) > roomOf(own)) {
    say(`may not import ${target}: rooms are read from left to right`)
  }
  if (own === 'store.ts') say('store.ts imports nothing')
}

function checkPackage(name, specifier, say) {
  if (specifier.startsWith('@fal-llm/') && !packageDoors[name].includes(specifier)) {
    say(`may not import ${specifier}`)
  }
  if (
    frameworks.test(specifier) &&
    !frameworkOf[name]?.test(specifier) &&
    specifier !== 'react-dom'
  ) {
    say(`may not import the framework ${specifier}`)
  }
}

/** One circle of each knot in a graph of who imports whom, as the names along it. */
function circlesIn(graph) {
  const found = []
  const settled = new Set()
  const walk = (node, path) => {
    if (path.includes(node)) return found.push([...path.slice(path.indexOf(node)), node])
    if (settled.has(node)) return
    settled.add(node)
    for (const next of graph.get(node) ?? []) walk(next, [...path, node])
  }
  for (const node of graph.keys()) walk(node, [])
  return found
}

/** The rooms within a room ("wire/http", "chat/engine"), and which of them import which. */
function roomsOf(imports) {
  const roomOfFile = (path) => path.split('/').slice(0, -1).slice(0, 2).join('/')
  const rooms = new Map()
  for (const [path, found] of imports) {
    const room = roomOfFile(path)
    if (!room.includes('/')) continue
    const others = rooms.get(room) ?? new Set()
    rooms.set(room, others)
    for (const target of found) {
      const other = roomOfFile(target)
      if (other.includes('/') && other !== room) others.add(other)
    }
  }
  return rooms
}

function countSources(files) {
  const counts = new Map()
  for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1)
  return counts
}

function roomOf(path) {
  const room = coreRooms.find(([pattern]) => pattern.test(path))
  if (!room) throw new Error(`packages/core/src/${path} is in no room: name it in check-imports`)
  return room[1]
}

function filesOf(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(
      (entry) =>
        entry.isFile() &&
        /\.(tsx?|js)$/.test(entry.name) &&
        !/\.test(-d|\.data)?\./.test(entry.name) &&
        !entry.parentPath.includes('node_modules'),
    )
    .map((entry) => join(entry.parentPath, entry.name))
}
