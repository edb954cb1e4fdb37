#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# slurm.sh: the recipe for Slurm, on a cluster of this machine alone that the test starts: munge,
# controller and node, on ports and in folders of its own. One task of the array is killed and run
# again.
needs='sbatch:slurm-wlm slurmctld:slurm-wlm slurmd:slurm-wlm munged:munge'
# shellcheck source=tests/archive/common.sh
. "$(dirname "$0")/common.sh"
SLURM_CONF=$tmp/slurm.conf
export SLURM_CONF
host=$(hostname -s) me=$(id -un)
chmod 755 "$tmp"
mkdir state spool
port=$((20000 + $$ % 20000))
cat >slurm.conf <<END
ClusterName=idf
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
AuthType=auth/munge
AuthInfo=socket=$tmp/munge.socket
SlurmUser=$me
SlurmdUser=$me
StateSaveLocation=$tmp/state
SlurmdSpoolDir=$tmp/spool
SlurmctldPidFile=$tmp/slurmctld.pid
SlurmdPidFile=$tmp/slurmd.pid
SlurmctldLogFile=$tmp/slurmctld.log
SlurmdLogFile=$tmp/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
MailProg=/bin/true
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
ReturnToService=2
KillWait=1
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
END

stop() {
  for p in slurmd slurmctld munged; do
    [ -e "$tmp/$p.pid" ] && kill "$(cat "$tmp/$p.pid")" 2>/dev/null
  done
  sleep 1
  rm -rf "$tmp"
}
trap stop EXIT
head -c 1024 /dev/urandom >munge.key
chmod 600 munge.key
munged --force --socket="$tmp/munge.socket" --key-file="$tmp/munge.key" \
  --pid-file="$tmp/munged.pid" --log-file="$tmp/munged.log" --seed-file="$tmp/munge.seed" \
  2>/dev/null && slurmctld -f slurm.conf 2>/dev/null && slurmd -f slurm.conf 2>/dev/null
i=0
until sinfo -h -o %T 2>/dev/null | grep -q idle || [ $i -ge 30 ]; do
  sleep 1
  i=$((i + 1))
done
sinfo -h -o %T >"$tmp/.out" 2>"$tmp/.err"
prints idle

# ended: waits until no task is left, at most two minutes
ended() {
  i=0
  while squeue -h | grep -q . && [ $i -lt 240 ]; do
    sleep 0.5
    i=$((i + 1))
  done
}

recipe folders >folders.sh
sh folders.sh
[ "$(wc -l <folders)" -eq 3 ]
result 'three folders' $?
recipe slurm >run.sh
# The third task has the most pictures. It is killed when it has made some.
exits 0 'sbatch' sh run.sh
job=$(sed 's/.* //' "$tmp/.out")
i=0
until [ "$(find packed/pictures/c -name '*.idf' 2>/dev/null | wc -l)" -ge 5 ] || [ $i -ge 1200 ]; do
  sleep 0.05
  i=$((i + 1))
done
scancel --signal=KILL --full "${job}_3"
ended
in_between
sed 's|--array=.* --wrap|--array=3 --wrap|' run.sh >again.sh
exits 0 'the third task again' sh again.sh
ended
whole report.1 report.2 report.3
finish
