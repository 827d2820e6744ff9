#!/bin/sh
# Asks a phone, and runs exactly what was shown to it: gated.sh PROJECT COMMAND [ARGUMENT…]
project=$1
shift
topdog-phone approve --project="$project" --plan="$*" --timeout 30m || exit
exec "$@"
