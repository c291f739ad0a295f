/**
 * Where the emulator listens; undefined when the answers come from fal itself.
 * `falProxy()` writes it into the page when it is served or built.
 */
export const emulatorUrl: string | undefined =
  import.meta.env?.['VITE_FAL_EMULATOR_URL'] || undefined
