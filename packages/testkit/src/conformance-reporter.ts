import type { Reporter, TestCase, TestModule } from 'vitest/node'
import type { ConformanceCell } from './binding-conformance.ts'

const signs: Readonly<Record<string, string>> = { passed: '✓', failed: '✗', skipped: '–' }

/** Prints what every binding does alike, a row per behaviour and a column per binding, when the tests have run. */
export function createConformanceReporter(): Reporter {
  return {
    onTestRunEnd(modules) {
      const table = tableOf(modules.flatMap(cellsOf))
      if (table) console.log(`\n${table}\n`)
    },
  }
}

interface JudgedCell extends ConformanceCell {
  readonly sign: string
}

function cellsOf(module: TestModule): readonly JudgedCell[] {
  return Array.from(module.children.allTests()).flatMap((test: TestCase) => {
    const { conformance } = test.meta()
    if (!conformance) return []
    const sign = signs[test.result().state] ?? '?'
    return [{ ...conformance, sign: conformance.fails && sign === '✓' ? 'not yet' : sign }]
  })
}

/** Empty when nothing of the suite has run. */
function tableOf(cells: readonly JudgedCell[]): string {
  if (cells.every(({ sign }) => sign === signs['skipped'])) return ''
  const bindings = [...new Set(cells.map(({ binding }) => binding))].sort()
  const behaviours = new Map(cells.map(({ row, behaviour }) => [row, behaviour]))
  const rows = [...behaviours].sort(([left], [right]) => left - right)
  const width = Math.max(...rows.map(([, behaviour]) => behaviour.length))
  const signOf = (row: number, binding: string): string =>
    cells.find((cell) => cell.row === row && cell.binding === binding)?.sign ?? ' '
  const lines = rows.map(([row, behaviour]) =>
    [
      behaviour.padEnd(width),
      ...bindings.map((binding) => signOf(row, binding).padEnd(binding.length)),
    ].join(' | '),
  )
  return [['every binding'.padEnd(width), ...bindings].join(' | '), ...lines].join('\n')
}
