#!/bin/sh
# A PreToolUse hook of Claude Code for its tool Bash: what is not listed here waits for a phone. Only exit code 2 holds a command back, so
# every failure ends with it; what is printed on standard error is what the agent reads.
command=$(jq -er .tool_input.command) && [ -n "$command" ] || exit 2
case $command in
  "git status" | "git diff" | "npm test") exit 0 ;;
esac
topdog-phone approve --project="$(basename "$PWD")" --by "Claude Code" --plan="$command" --timeout 9m >&2 || exit 2
