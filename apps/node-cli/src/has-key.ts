/** Whether a call has a key, or goes to a host that needs none. Never throws. */
export function hasKey(environment: Readonly<Record<string, string | undefined>>): boolean {
  const isSet = (name: string): boolean => Boolean(environment[name]?.trim())
  return (
    isSet('FAL_KEY') || (isSet('FAL_KEY_ID') && isSet('FAL_KEY_SECRET')) || isSet('FAL_BASE_URL')
  )
}
