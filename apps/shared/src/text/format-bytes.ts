/** A size as one reads it: 900 → "1 KB", 2_400_000 → "2.4 MB", 12_000_000 → "12 MB". Never throws. */
export function formatBytes(sizeBytes: number): string {
  if (sizeBytes < 999_500) return `${Math.max(1, Math.round(sizeBytes / 1000))} KB`
  const megabytes = sizeBytes / 1_000_000
  return `${megabytes < 9.95 ? megabytes.toFixed(1).replace('.0', '') : Math.round(megabytes)} MB`
}
