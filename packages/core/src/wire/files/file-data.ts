/** A file in a program's hands. */
export type FileData = Blob | ArrayBuffer | ArrayBufferView

/** Whether something is a file. */
export function isFileData(value: unknown): value is FileData {
  return value instanceof Blob || value instanceof ArrayBuffer || ArrayBuffer.isView(value)
}

/** The file as a Blob. Bytes have no media type of their own: fal is told `application/octet-stream`. */
export function toBlob(file: FileData): Blob {
  if (file instanceof Blob) return file
  // A view of shared memory is copied by Blob as any other; only the types tell them apart.
  return new Blob([file as ArrayBuffer | ArrayBufferView<ArrayBuffer>])
}

/** Deeper than any input of fal's: what is not found by then is no file, but a cycle. */
const deepest = 12

/**
 * The same value with each file in it replaced: in lists and plain objects, however deep. What holds no file is the very
 * same object. A getter that throws is left to the check of the input, which names it.
 */
export function replaceFiles<Value>(value: Value, replace: (file: FileData) => unknown): Value {
  // Only files are replaced; the rest keeps its shape.
  return replaceIn(value, replace, 0) as Value
}

function replaceIn(value: unknown, replace: (file: FileData) => unknown, depth: number): unknown {
  if (isFileData(value)) return replace(value)
  if (depth >= deepest || typeof value !== 'object' || value === null) return value
  if (!Array.isArray(value) && !isPlain(value)) return value
  let changed = false
  const entries = Object.keys(value).map((name): [string, unknown] => {
    const before = read(value, name)
    const after = replaceIn(before, replace, depth + 1)
    changed ||= after !== before
    return [name, after]
  })
  if (!changed) return value
  return Array.isArray(value) ? entries.map(([, entry]) => entry) : Object.fromEntries(entries)
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function read(value: object, name: string): unknown {
  try {
    return (value as Readonly<Record<string, unknown>>)[name]
  } catch {
    return undefined
  }
}
