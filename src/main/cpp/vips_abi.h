// The functions of libvips (8.14 and later, libvips.so.42) and GLib that Caravel calls, as their ABI has
// them, so that a build needs the library alone and not the 145 -dev packages behind its headers.
// Source: https://www.libvips.org/API/current/ and https://docs.gtk.org/glib/
#pragma once
#include <cstddef>

extern "C" {
typedef struct _VipsImage VipsImage;
typedef struct _VipsSource VipsSource;

// enum values of libvips/include/vips
enum { VIPS_SIZE_FORCE = 3 };
enum { VIPS_FORMAT_UCHAR = 0 };
enum { VIPS_INTERPRETATION_sRGB = 22 };
enum { VIPS_FOREIGN_SUBSAMPLE_ON = 1 };
enum { VIPS_EXTEND_BACKGROUND = 5 };

int vips_init(const char* argv0);
void vips_concurrency_set(int concurrency);
void vips_cache_set_max(int max);
void vips_operation_block_set(const char* name, int state);
const char* vips_error_buffer(void);
void vips_error_clear(void);
void vips_thread_shutdown(void);
size_t vips_tracked_get_mem(void);

VipsSource* vips_source_new_from_file(const char* filename);
VipsSource* vips_source_custom_new(void);  // a VipsSourceCustom, with the signals "read" and "seek"
VipsImage* vips_image_new_from_source(VipsSource* source, const char* options, ...);
VipsImage* vips_image_new_from_memory(const void* data, size_t size, int width, int height, int bands, int format);
VipsImage* vips_image_copy_memory(VipsImage* image);
const void* vips_image_get_data(VipsImage* image);
void vips_image_set_kill(VipsImage* image, int kill);
void vips_image_set_int(VipsImage* image, const char* name, int value);
int vips_image_get_blob(const VipsImage* image, const char* name, const void** data, size_t* size);
int vips_image_get_string(const VipsImage* image, const char* name, const char** out);
unsigned long vips_image_get_typeof(const VipsImage* image, const char* name);
int vips_image_get_width(const VipsImage* image);
int vips_image_get_height(const VipsImage* image);
int vips_image_get_bands(const VipsImage* image);
int vips_image_get_format(const VipsImage* image);
int vips_image_get_interpretation(const VipsImage* image);
int vips_image_get_orientation(VipsImage* image);
int vips_image_hasalpha(VipsImage* image);

int vips_thumbnail_source(VipsSource* source, VipsImage** out, int width, ...);
int vips_thumbnail_image(VipsImage* in, VipsImage** out, int width, ...);
int vips_autorot(VipsImage* in, VipsImage** out, ...);
int vips_copy(VipsImage* in, VipsImage** out, ...);
int vips_cast(VipsImage* in, VipsImage** out, int format, ...);
int vips_colourspace(VipsImage* in, VipsImage** out, int space, ...);
int vips_extract_area(VipsImage* in, VipsImage** out, int left, int top, int width, int height, ...);
int vips_extract_band(VipsImage* in, VipsImage** out, int band, ...);
int vips_flatten(VipsImage* in, VipsImage** out, ...);
int vips_embed(VipsImage* in, VipsImage** out, int x, int y, int width, int height, ...);
int vips_min(VipsImage* in, double* out, ...);
int vips_max(VipsImage* in, double* out, ...);
int vips_jpegsave_buffer(VipsImage* in, void** buffer, size_t* size, ...);
int vips_webpsave_buffer(VipsImage* in, void** buffer, size_t* size, ...);

typedef struct _VipsArrayDouble VipsArrayDouble;
VipsArrayDouble* vips_array_double_newv(int n, ...);
void vips_area_unref(void* area);

unsigned long g_signal_connect_data(void* instance, const char* signal, void (*handler)(), void* data,
                                    void (*destroy)(void* data, void* closure), int flags);
void g_object_unref(void* object);
void g_free(void* memory);
typedef void (*GLogFunc)(const char* domain, int level, const char* message, void* data);
GLogFunc g_log_set_default_handler(GLogFunc handler, void* data);
}
