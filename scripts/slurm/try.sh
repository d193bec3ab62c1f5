#!/usr/bin/env bash
# Tries array.sh on a real Slurm: installs Debian's or Ubuntu's slurm-wlm, starts it on this machine
# alone (loopback, files in a temporary folder), submits a small sweep as an array, cancels it half
# way, submits it again, merges the parts, and compares with the same seeds trained in one run. Needs root.
#
#   scripts/slurm/try.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
[[ $EUID -eq 0 ]] || { echo "Slurm's daemons need root" >&2; exit 1; }

missing=()
for needed in slurmctld slurmd munged sbatch; do
    # One by one: of several, one that is there is enough for it.
    command -v "$needed" >/dev/null || missing+=("$needed")
done
if [[ ${#missing[@]} -gt 0 ]]; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    apt-get install -q -y --no-install-recommends slurm-wlm munge
fi
cargo build --quiet --package mass-cli
folder=$(mktemp -d)
# A copy, lest a build in the meantime changes the program between two tasks.
program=$folder/mass
cp target/debug/mass "$program"
export MASS=$program
mkdir "$folder"/{state,spool,munge}
chmod 700 "$folder/munge"
pids=()
finish() {
    status=$?
    [[ $status -eq 0 ]] || tail -n 20 "$folder"/*.log >&2 || true
    # Ours alone, by their ids; slurmd first, so that it can say goodbye.
    for pid in "${pids[@]}"; do
        kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true
    done
    rm -rf "$folder"
    exit "$status"
}
trap finish EXIT
trap 'echo "line $LINENO failed" >&2' ERR

# Who asks is proved by a key of our own, through a socket of our own.
dd if=/dev/urandom of="$folder/munge/key" bs=1024 count=1 status=none
chmod 400 "$folder/munge/key"
munged --foreground --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" \
    --pid-file="$folder/munge/pid" --seed-file="$folder/munge/seed" --log-file="$folder/munge.log" \
    --num-threads=2 2>"$folder/munged.log" &
pids=("$!")

host=$(hostname -s)
cat >"$folder/slurm.conf" <<CONF
ClusterName=loopback
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=4096 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
echo "CgroupAutomount=no" >"$folder/cgroup.conf"
export SLURM_CONF=$folder/slurm.conf
slurmctld -D -f "$SLURM_CONF" >"$folder/slurmctld.log" 2>&1 &
pids=("$!" "${pids[@]}")
slurmd -D -f "$SLURM_CONF" >"$folder/slurmd.log" 2>&1 &
pids=("$!" "${pids[@]}")

for _ in $(seq 60); do
    [[ $(sinfo --noheader --format=%T 2>/dev/null) == idle ]] && break
    sleep 1
done
sinfo
[[ $(sinfo --noheader --format=%T) == idle ]] || { echo "the node did not come up" >&2; exit 1; }

# Ten scientists in parts of three, so four parts for three tasks; one core a task.
sweep=(--seeds 0..10 --systems classical,pendulum --steps 1000 --part 3 --checkpoint-every 100)
submit() {
    sbatch --parsable "$@" --array=0-2 --cpus-per-task=1 --mem=1G --output="$folder/task-%a.log" \
        --open-mode=append scripts/slurm/array.sh "$folder/sweep" "${sweep[@]}"
}
job=$(submit)
for _ in $(seq 600); do
    compgen -G "$folder/sweep/*/checkpoint-00000[1-9]*" >/dev/null && break
    sleep 0.1
done
scancel "$job"
while [[ -n $(squeue --noheader --jobs="$job" 2>/dev/null) ]]; do sleep 0.2; done
echo "cancelled after $(find "$folder/sweep" -name 'checkpoint-*' | wc -l) checkpoints"
if "$program" merge "$folder/sweep" --out "$folder/early" 2>"$folder/early.log"; then
    echo "half a sweep was merged" >&2
    exit 1
fi
cat "$folder/early.log"

submit --wait
cat "$folder"/task-*.log
"$program" merge "$folder/sweep" --out "$folder/merged"

# The same seeds in one run.
"$program" sweep --out "$folder/whole" "${sweep[@]:0:6}" --part 10 2>/dev/null
whole=$folder/whole/seeds-00000-00009
# The same names, none missing and none more.
diff <(ls "$whole") <(ls "$folder/merged")
for file in "$whole"/*; do
    name=$(basename "$file")
    [[ $name == run.lock ]] || cmp "$file" "$folder/merged/$name"
done
echo "merged from a Slurm array: $(ls "$whole" | wc -l) files, the same as of one run, byte for byte"
