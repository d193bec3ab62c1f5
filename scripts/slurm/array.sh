#!/usr/bin/env bash
# A sweep as a Slurm job array: each task takes its share of the parts.
#
#   cargo build --package mass-cli
#   sbatch --array=0-15 --cpus-per-task=4 scripts/slurm/array.sh FOLDER --seeds 0..1000
#   cargo mass merge FOLDER --out MERGED                       # once all tasks are done
#
# After FOLDER, any flags of `cargo mass sweep` but --out, --shard and --threads. Submitting the same
# array again goes on with what is not done; submit all of it, for a task's share goes by the size of
# the array. More tasks than parts (of 32 seeds, or --part) have nothing to do, and more cores than a
# part has seeds are idle. A part takes 250 MB of memory, and 40 MB of disk for six systems.
#
#SBATCH --job-name=mass-sweep
#SBATCH --array=0-15
#SBATCH --cpus-per-task=4
#SBATCH --mem=2G
#SBATCH --output=mass-sweep-%A_%a.log
# A minute before the time is up: a checkpoint, and an orderly end.
#SBATCH --signal=B:TERM@60
set -euo pipefail
if [[ $# -lt 1 ]]; then
    echo "usage: sbatch [--array=0-N] array.sh FOLDER [flags of cargo mass sweep]" >&2
    exit 2
fi
folder=$1
shift
# The program as it was built; MASS=PATH for another one, a copy that stays the same while builds go
# on, say. Jobs start in the folder of `sbatch`.
program=${MASS:-target/debug/mass}
index=$(((SLURM_ARRAY_TASK_ID - SLURM_ARRAY_TASK_MIN) / SLURM_ARRAY_TASK_STEP))
# `exec`, so that Slurm's signals reach it.
exec "$program" sweep --out "$folder" --shard "$index/$SLURM_ARRAY_TASK_COUNT" \
    --threads "${SLURM_CPUS_PER_TASK:-1}" "$@"
