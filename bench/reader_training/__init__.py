"""Teach the recogniser small print, print under seals and letters of seals: how `parsers/models` was made.

`crops` makes crops with their truth by the product's own pipeline, `network` turns the ONNX file into a torch module and back, `train`
goes on from the published weights, `pack` mixes both, `measure`, `stamps` and `pages` set two files of weights side by side. Needs torch
and onnx (the extra `bench`).

    python -m bench.reader_training.crops lines CROPS --seed 62100 --files 14 --count 1500 --fonts FONTS --words dict.txt
    python -m bench.reader_training.crops seals CROPS --seed 62100 --files 10 --count 1500 --fonts FONTS --words dict.txt
    python -m bench.reader_training.train CROPS neck --cut neck --minutes 8 --rate 4e-4
    python -m bench.reader_training.train EVEN a --weights neck.onnx --minutes 45 --rate 2e-4 --seed 1 --peer b.onnx &
    python -m bench.reader_training.train ODD b --weights neck.onnx --minutes 45 --rate 2e-4 --seed 2 --peer a.onnx
    python -m bench.reader_training.pack parsers/models/PP-OCRv6_rec_small.covers.onnx a.onnx b.onnx

FONTS: Fandol (Debian's texlive-lang-chinese), fonts-arphic-gbsn00lp, fonts-arphic-gkai00mp; EVEN, ODD: half of the crops each. Then
`bench.look_alikes --write`.
"""
