import type { NextConfig } from 'next'

const config: NextConfig = {
  // Loaded by Node as it is, and only in development.
  serverExternalPackages: ['@fal-llm/emulator'],
}

export default config
