#!/bin/sh
# Makes the AVIF pictures here: six squares of 64 pixels, red, green, blue over yellow, magenta,
# white, turned and mirrored by the file's own properties, and two tiles of them. Made with avifenc
# of libavif 0.11.1 (package libavif-bin of Debian 12) and FFmpeg 5.1.
set -e
cd "$(dirname "$0")"
square() { echo "color=$1:s=64x64:d=1:r=1[$1]"; }
ffmpeg -v error -y -filter_complex "$(square red);$(square lime);$(square blue);$(square yellow);\
$(square magenta);$(square white);[red][lime][blue]hstack=3[a];[yellow][magenta][white]hstack=3[b];\
[a][b]vstack,format=rgb24" -frames:v 1 squares.png
avifenc --irot 1 squares.png turned.avif     # a quarter of a turn to the left: EXIF's 8
avifenc --imir 0 squares.png flipped.avif    # top and bottom exchanged: EXIF's 4
avifenc --imir 1 squares.png mirrored.avif   # left and right exchanged: EXIF's 2
avifenc --grid 2x1 squares.png squares.png tiles.avif
rm squares.png
