/** Where conversations are kept. localStorage, unstorage, React Native's AsyncStorage and `indexedDbStorage()` fit as they are. */
export interface ChatStorage {
  getItem(key: string): unknown
  setItem(key: string, value: string): unknown
  removeItem(key: string): unknown
  /** All keys, foreign ones too. Without it `listChats` reads an index that every write keeps. */
  keys?(): unknown
  /** Keeps files that wait to be uploaded. Without it a reopened chat knows their names only. */
  readonly blobs?: {
    get(key: string): Promise<Blob | undefined>
    set(key: string, blob: Blob): Promise<unknown>
    remove(key: string): Promise<unknown>
  }
  /**
   * Writes if the number beside the key is `expected`, and makes it `expected + 1`; false when it is not. Nothing there,
   * or a value put by `setItem`, counts as 0. With it two machines that write one conversation lose nothing.
   */
  compareAndSet?(key: string, expected: number, value: string): Promise<boolean>
}
