#!/usr/bin/env node
import '@fal-llm/emulator/cli'
