#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# train.sh: idf-train makes a model of a few samples that cidf and didf take, no worse than
# its start; stops, goes on, and says what is wrong; linear.py makes one without a network.
# Without PyTorch only the last two.
. "$(dirname "$0")/common.sh"
train=$bin/idf-train
python=${PYTHON:-/usr/bin/python3}
command -v "$python" >/dev/null 2>&1 || python=python3
if ! command -v "$python" >/dev/null 2>&1; then
  exits 1 'no Python' "$train" pics -o m.idfm
  says 'python3-torch'
  echo 'skip: no Python (Debian: python3)'
  finish
fi
mkdir pics
for f in photo-420.jpg photo-gray.png badge.png shadow.png; do
  cp "$src/samples/$f" pics
done

# refused TEXT ARGUMENT...: exit 1, the text, no model
refused() {
  text=$1
  shift
  exits 1 "idf-train $*" "$train" "$@"
  says "$text"
  nothing m.idfm m.idfm.state
}
exits 0 '--help' "$train" --help
prints '--megapixels'
refused 'give -o MODEL' pics
refused 'give one of them' pics -o m.idfm --minutes=1 --steps=5
refused '--steps' pics -o m.idfm --steps=none
refused '--minutes' pics -o m.idfm --minutes=-1
refused 'multiples of 16' pics -o m.idfm --widths=32,32
refused 'multiples of 16' pics -o m.idfm --widths=32,32,17
refused '--start none' pics -o m.idfm --widths=32,32,16 --start=default
refused 'give --gray' pics -o m.idfm --gray-widths=32,32,16
refused 'multiples of 16' pics -o m.idfm --gray --gray-widths=32,32,8
refused 'fast is of feature set 2' pics -o m.idfm --start=fast --steps=1
refused 'it has no network to train' pics -o m.idfm --start="$src/flow/models/fast.idfm"
refused '--rate' pics -o m.idfm --rate=2
refused '--title' pics -o m.idfm --title=123456789012345678901
refused 'there is no folder' pics -o no/m.idfm
refused 'is not there' pics -o m.idfm --features=nothing
: >there.idfm
refused 'give -f' pics -o there.idfm
# A Python without the modules: isolated from the system's packages.
printf '#!/bin/sh\nshift\nexec "%s" -S -B "$@"\n' "$python" >bare
chmod +x bare
PYTHON=$tmp/bare
export PYTHON
refused 'python3-torch' pics -o m.idfm
refused 'python3-numpy' pics -o m.idfm --prepare
unset PYTHON

if "$python" -c 'import numpy, PIL' 2>/dev/null; then
  refused 'is no folder' missing -o m.idfm --prepare
  mkdir few
  cp pics/badge.png few
  echo text >few/text.png
  refused 'two are the least' few -o m.idfm --prepare
  says 'text.png: left out'
  exits 0 'records' "$train" pics -o m.idfm --prepare --rate=0.1 --jobs=2
  size=$(cat m.idfm.state.train.0 m.idfm.state.train.1 | wc -c)
  check '   of 141 bytes, for a tenth of three pictures in two passes' \
    test $((size % 141)) -eq 0 -a $((size / 141)) -gt 15000 -a $((size / 141)) -lt 30000
  size=$(wc -c <m.idfm.state.valid)
  check '   and of one to validate with' test $((size % 141)) -eq 0 -a $((size / 141)) -gt 1500
  cp m.idfm.state.train.1 before
  exits 0 '   are found again' "$train" pics -o m.idfm --prepare --rate=0.1 --jobs=2
  exits 1 '   but not for other settings' "$train" pics -o m.idfm --prepare --rate=0.2 --jobs=2
  says 'other pictures or settings'
  rm -f m.idfm.state.*
  exits 0 '   and are the same when made again' \
    "$train" pics -o m.idfm --prepare --rate=0.1 --jobs=2
  check '   byte for byte' cmp m.idfm.state.train.1 before
  rm -f m.idfm.state.*
else
  echo "skip: $python has no NumPy or Pillow (Debian: python3-numpy python3-pil)"
  finish
fi

# A model without a network needs no PyTorch.
linear=$src/flow/train/linear.py
mkdir none small one
echo text >none/text.png
cp pics/badge.png small
cp pics/photo-gray.png one
# unusable TEXT ARGUMENT...: exit 1, one line with the text, no model
unusable() {
  text=$1
  shift
  exits 1 "linear.py $*" "$python" -B "$linear" --title=few --effort=1 --out=l.idfm "$@"
  says "$text"
  check '   in one line' test "$(wc -l <.err)" -eq 1
  nothing l.idfm
}
unusable 'missing: is no folder' --images=missing
unusable '0 too small for --side 192, 1 not readable' --images=none
unusable '1 too small for --side 192, 0 not readable' --images=small
unusable 'there is no such folder' --images=pics --out=no/l.idfm
unusable 'too few pixels' --images=one --side=16
exits 0 'linear predictors' "$python" -B "$linear" --images=pics --title=few --effort=1 --side=64 \
  --out=l.idfm --manifest=l.json
check '   as a model of feature set 2' test "$(od -An -tu1 -j10 -N1 l.idfm | tr -d ' ')" = 2
check '   and a manifest' grep -q '"pictures": 4,' l.json
for f in shadow.png photo-gray.png; do
  exits 0 "   cidf takes it for $f" "$cidf" -q --model=l.idfm "pics/$f" -o "$f.idf"
  exits 1 '   didf needs it' "$didf" "$f.idf" -o "l-$f"
  exits 0 '   and takes it' "$didf" --model=l.idfm "$f.idf" -o "l-$f"
  check '   and the picture is back' "$python" -c 'import sys
from PIL import Image
a, b = map(Image.open, sys.argv[1:])
sys.exit(a.mode != b.mode or a.size != b.size or a.tobytes() != b.tobytes())' \
    "pics/$f" "l-$f"
done

if ! "$python" -c 'import torch' 2>/dev/null; then
  echo "skip: $python has no PyTorch (Debian: python3-torch)"
  finish
fi

refused 'No such file' pics -o m.idfm --start=missing.idfm
head -c 5000 "$src/flow/models/default.idfm" >short.idfm
refused 'is a model cut short' pics -o m.idfm --start=short.idfm
echo nonsense >m.idfm.state
exits 1 'a damaged state' "$train" pics -o m.idfm --rate=0.05 --jobs=1
says 'remove it'
rm -f m.idfm.state*

# bits NAME: their mean in the manifest
bits() {
  "$python" -c "import json, sys
b = json.load(open('m.json'))[sys.argv[1]]
print(sum(b) / len(b))" "$1"
}
exits 0 'a model from the default one' "$train" pics -o m.idfm --steps=20 --rate=0.05 --jobs=1 \
  --manifest=m.json
says 'left'
check '   is no worse on the pictures set aside' \
  "$python" -c "import sys
sys.exit(not $(bits valid_bits_per_sample) <= $(bits start_bits_per_sample))"
check '   and leaves no state' test -z "$(find . -name 'm.idfm.*')"
exits 0 '   cidf takes it' "$cidf" -q --verify --model=m.idfm pics/photo-gray.png -o x.idf
exits 0 '   and didf' "$didf" --model=m.idfm x.idf -o x.png
exits 1 '   which needs it' "$didf" x.idf -o y.png
cmp -s m.idfm "$src/flow/models/default.idfm"
[ $? -eq 1 ]
result '   and it is another one' $?

exits 0 'a new network' "$train" pics -o m.idfm -f --widths=16,16,16 --steps=20 \
  --rate=0.05 --jobs=1 --state=kept
exits 0 '   cidf takes it' "$cidf" --pixels -q --verify --model=m.idfm pics/photo-420.jpg -o x2.idf
check '   the state is kept' test -s kept
exits 1 '   and not for other widths' "$train" pics -o m.idfm -f --widths=32,16,16 \
  --steps=30 --rate=0.05 --jobs=1 --state=kept
says 'kept: was made with --start none --widths 16,16,16'
exits 0 '   but for more steps' "$train" pics -o m.idfm -f --widths=16,16,16 \
  --steps=30 --rate=0.05 --jobs=1 --state=kept
says 'continuing at step 20'

# networks MODEL: 0 or 1 beside the first, by the model's header
networks() {
  od -An -tu1 -j11 -N1 "$1" | tr -d ' '
}
exits 1 'widths of a network that is there' "$train" pics -o n.idfm --gray \
  --gray-widths=32,32,16 --steps=1
says 'is for a new one'
check '   make no model' test ! -e n.idfm
exits 0 'a model with a network for one plane' "$train" pics -o two.idfm \
  --widths=16,16,16 --gray --gray-widths=32,16,16 --steps=20 --rate=0.05 --jobs=1 \
  --manifest=two.json
says 'of one plane'
check '   which it holds' test "$(networks two.idfm)" = 1
check '   and the manifest tells of' grep -q '"gray": {' two.json
exits 0 '   cidf takes it for gray' \
  "$cidf" -q --verify --model=two.idfm pics/photo-gray.png -o x4.idf
exits 0 '   and for colour' "$cidf" -q --verify --model=two.idfm pics/badge.png -o x5.idf
exits 0 'training goes on from it' \
  "$train" pics -o three.idfm --start=two.idfm --steps=1 --rate=0.05 --jobs=1
check '   and keeps the network for one plane' test "$(networks three.idfm)" = 1
exits 0 'two networks side by side' "$python" -B "$src/flow/train/beside.py" m.idfm two.idfm \
  --share=0.25 --title=both --effort=5 --out=both.idfm
exits 0 '   cidf takes them' "$cidf" -q --verify --model=both.idfm pics/badge.png -o x6.idf
"$python" -B "$src/flow/train/beside.py" m.idfm m.idfm --share=0.5 --title=twice --effort=5 \
  --out=twice.idfm
"$cidf" --pixels -q --model=m.idfm pics/photo-420.jpg -o once.idf
"$cidf" --pixels -q --model=twice.idfm pics/photo-420.jpg -o twice.idf
once=$(wc -c <once.idf) twice=$(wc -c <twice.idf)
check '   of the same one give what it gives, but for rounding' \
  test $((twice * 200)) -lt $((once * 201)) -a $((twice * 200)) -gt $((once * 199))
mkdir grays
cp pics/photo-gray.png grays/a.png
cp pics/photo-gray.png grays/b.png
exits 0 'gray pictures alone' "$train" grays -o grays.idfm --start=two.idfm --steps=1 \
  --rate=0.05 --jobs=1
says 'most pictures are gray'

"$train" pics -o stop.idfm --minutes=10 --rate=0.05 --jobs=1 2>log &
pid=$!
n=0
while kill -0 $pid 2>/dev/null && ! grep -qs 'before training' log && [ $n -lt 600 ]; do
  sleep 0.2
  n=$((n + 1))
done
kill -TERM $pid
wait $pid
[ $? -eq 130 ]
result 'a stopped run' $?
check '   writes the best so far' "$cidf" -q --model=stop.idfm pics/badge.png -o x3.idf
check '   and its state' test -s stop.idfm.state
exits 0 '   from which the rest goes on' "$train" pics -o stop.idfm -f --minutes=0.03 --rate=0.05 \
  --jobs=1
says 'continuing at step'
finish
