/** A storage of the page, and what stands for it where the page may not have it: a look at it alone throws then. Never throws. */
export function pageStorage(
  name: 'localStorage' | 'sessionStorage',
): Pick<Storage, 'getItem' | 'setItem'> {
  try {
    return globalThis[name]
  } catch {
    return refusing
  }
}

const refusing = {
  getItem: () => null,
  setItem(): never {
    throw new Error('The page may not store anything')
  },
}
