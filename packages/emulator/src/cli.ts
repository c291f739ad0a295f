#!/usr/bin/env node
import { runMain } from 'citty'
import { serveCommand } from './serve-command.ts'

void runMain(serveCommand)
