// What a package says about itself in the workspace, and nobody else needs: its scripts, its dev dependencies (private packages
// among them), and the condition by which its sources are found before anything is built.

const source = '@fal-llm/source'

export const hooks = {
  beforePacking({ scripts: _scripts, devDependencies: _devDependencies, exports, ...manifest }) {
    if (exports === undefined) return manifest
    return { ...manifest, exports: Object.fromEntries(Object.entries(exports).map(withoutSource)) }
  },
}

function withoutSource([door, target]) {
  if (typeof target !== 'object') return [door, target]
  const { [source]: _source, ...published } = target
  return [door, published]
}
