// What of a picture's file its decoder is shown.
#pragma once

struct _VipsSource;

namespace caravel {

// A source of the file for a libvips loader, to be unreferenced by whoever asked; nullptr as libvips gives it, with its
// text. Of a PNG the chunks that make its pixels and colours alone are shown, each but IDAT once: libpng unpacks every
// packed text, half a second for each of 60 kB. Of a JPEG that has more than a megabyte of application data before its
// scans (EXIF, XMP, maker's notes: libjpeg and libvips keep all of it) its colour profile and Adobe's marker alone.
// A TIFF whose next page would lie behind the file's end is shown without it: libtiff reads none of the others else.
// Of an animated WebP its first frame, as if it were the only one: libwebp reads none of a file that ends in a later one.
// All else is shown as it is.
_VipsSource* picture_source(const char* path);

}  // namespace caravel
