#ifndef LMTC_CPJRT_H
#define LMTC_CPJRT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The part of the PJRT C interface that lmtc calls, in the layout of API version 0.60 and later.
//
// A plugin exports GetPjrtApi, which returns a table of functions. Each function takes one struct of
// arguments that starts with its size in bytes and a list of extensions, of which none is used here. A plugin
// refuses a struct shorter than the one it was built with and ignores what follows, so structs that grow from
// version to version end in zeros. The static assertions at the end hold what the layout has to be.

// The first members of every struct of arguments.
#define PJRT_STRUCT_HEADER \
  size_t struct_size;      \
  void *extension_start

// Members that later versions may have added; zero means that they are not used.
#define PJRT_ROOM_FOR_LATER_MEMBERS void *later_members[16]

typedef struct PJRT_Error PJRT_Error;
typedef struct PJRT_Event PJRT_Event;
typedef struct PJRT_Client PJRT_Client;
typedef struct PJRT_Device PJRT_Device;
typedef struct PJRT_Memory PJRT_Memory;
typedef struct PJRT_Executable PJRT_Executable;
typedef struct PJRT_LoadedExecutable PJRT_LoadedExecutable;
typedef struct PJRT_Buffer PJRT_Buffer;

// Errors

typedef struct {
  PJRT_STRUCT_HEADER;
  PJRT_Error *error;
} PJRT_Error_Destroy_Args;

typedef struct {
  PJRT_STRUCT_HEADER;
  const PJRT_Error *error;
  const char *message; // out; lives as long as the error
  size_t message_size; // out
} PJRT_Error_Message_Args;

// Named values: options of a client, attributes of a plugin

enum {
  PJRT_NAMED_VALUE_STRING = 0,
  PJRT_NAMED_VALUE_INT64 = 1,
  PJRT_NAMED_VALUE_INT64_LIST = 2,
  PJRT_NAMED_VALUE_FLOAT = 3,
  PJRT_NAMED_VALUE_BOOL = 4
};

typedef struct {
  PJRT_STRUCT_HEADER;
  const char *name;
  size_t name_size;
  int32_t type;
  union {
    const char *string_value;
    int64_t int64_value;
    const int64_t *int64_array_value;
    float float_value;
    bool bool_value;
  };
  size_t value_size; // elements of a string or list, 1 for a scalar
} PJRT_NamedValue;

// The plugin

typedef struct {
  PJRT_STRUCT_HEADER;
} PJRT_Plugin_Initialize_Args;

typedef struct {
  PJRT_STRUCT_HEADER;
  const PJRT_NamedValue *attributes; // out; lives as long as the process
  size_t num_attributes;             // out
} PJRT_Plugin_Attributes_Args;

// Events: the end of work that was only started

typedef struct {
  PJRT_STRUCT_HEADER;
  PJRT_Event *event;
} PJRT_Event_Args; // of destroying and of awaiting

// Clients

typedef struct {
  PJRT_STRUCT_HEADER;
  const PJRT_NamedValue *create_options;
  size_t num_options;
  void *key_value_callbacks[4]; // of clients on several hosts
  PJRT_Client *client;          // out
  PJRT_ROOM_FOR_LATER_MEMBERS;
} PJRT_Client_Create_Args;

typedef struct {
  PJRT_STRUCT_HEADER;
  PJRT_Client *client;
} PJRT_Client_Destroy_Args;

typedef struct {
  PJRT_STRUCT_HEADER;
  PJRT_Client *client;
  const char *text; // out; lives as long as the client
  size_t text_size; // out
} PJRT_Client_Text_Args; // of the platform's name and of its version

typedef struct {
  PJRT_STRUCT_HEADER;
  PJRT_Client *client;
  PJRT_Device *const *devices; // out; they live as long as the client
  size_t num_devices;          // out
} PJRT_Client_Devices_Args;

typedef struct {
  PJRT_STRUCT_HEADER;
  const char *code;
  size_t code_size;
  const char *format;
  size_t format_size;
} PJRT_Program;

typedef struct {
  PJRT_STRUCT_HEADER;
  PJRT_Client *client;
  const PJRT_Program *program;
  const char *compile_options; // a serialized CompileOptionsProto
  size_t compile_options_size;
  PJRT_LoadedExecutable *executable; // out
  PJRT_ROOM_FOR_LATER_MEMBERS;
} PJRT_Client_Compile_Args;

// Buffers

enum { PJRT_BUFFER_TYPE_F32 = 11 };

// How long the memory that a buffer is copied from has to keep its contents.
enum { PJRT_HOST_BUFFER_UNTIL_TRANSFER_COMPLETES = 1 };

typedef struct {
  PJRT_STRUCT_HEADER;
  PJRT_Client *client;
  const void *data;
  int32_t type;
  const int64_t *dims;
  size_t num_dims;
  const int64_t *byte_strides; // none: dense and row-major
  size_t num_byte_strides;
  int32_t host_buffer_semantics;
  PJRT_Device *device;
  PJRT_Memory *memory;               // none: the device's default
  void *device_layout;               // none: dense and row-major
  PJRT_Event *done_with_host_buffer; // out
  PJRT_Buffer *buffer;               // out
} PJRT_Client_BufferFromHostBuffer_Args;

typedef struct {
  PJRT_STRUCT_HEADER;
  PJRT_Buffer *buffer;
} PJRT_Buffer_Destroy_Args;

typedef struct {
  PJRT_STRUCT_HEADER;
  PJRT_Buffer *buffer;
  const int64_t *dims; // out; lives as long as the buffer
  size_t num_dims;     // out
} PJRT_Buffer_Dimensions_Args;

typedef struct {
  PJRT_STRUCT_HEADER;
  PJRT_Buffer *buffer;
  bool is_deleted; // out
} PJRT_Buffer_IsDeleted_Args;

// A layout by an order of the axes, without tiles.
typedef struct {
  PJRT_STRUCT_HEADER;
  const int64_t *minor_to_major;
  size_t minor_to_major_size;
  const int64_t *tile_dims;
  const size_t *tile_dim_sizes;
  size_t num_tiles;
} PJRT_Buffer_MemoryLayout_Tiled;

typedef struct {
  PJRT_STRUCT_HEADER;
  PJRT_Buffer_MemoryLayout_Tiled tiled; // the larger member of a union with strides
  int32_t type;                         // 0: by axes
} PJRT_Buffer_MemoryLayout;

typedef struct {
  PJRT_STRUCT_HEADER;
  PJRT_Buffer *src;
  PJRT_Buffer_MemoryLayout *host_layout; // none: that of the buffer
  void *dst;
  size_t dst_size;   // bytes
  PJRT_Event *event; // out
} PJRT_Buffer_ToHostBuffer_Args;

// Executables

typedef struct {
  PJRT_STRUCT_HEADER;
  PJRT_Executable *executable;
} PJRT_Executable_Destroy_Args;

typedef struct {
  PJRT_STRUCT_HEADER;
  PJRT_LoadedExecutable *executable;
} PJRT_LoadedExecutable_Destroy_Args;

typedef struct {
  PJRT_STRUCT_HEADER;
  PJRT_LoadedExecutable *loaded_executable;
  PJRT_Executable *executable; // out
} PJRT_LoadedExecutable_GetExecutable_Args;

typedef struct {
  PJRT_STRUCT_HEADER;
  PJRT_Executable *executable;
  size_t num_outputs; // out
} PJRT_Executable_NumOutputs_Args;

typedef struct {
  PJRT_STRUCT_HEADER;
  void *transfer_callbacks[2];
  size_t num_transfers[2];
  int32_t launch_id;
  const int64_t *non_donatable_input_indices;
  size_t num_non_donatable_input_indices;
  void *context;
  PJRT_ROOM_FOR_LATER_MEMBERS;
} PJRT_ExecuteOptions;

typedef struct {
  PJRT_STRUCT_HEADER;
  PJRT_LoadedExecutable *executable;
  PJRT_ExecuteOptions *options;
  PJRT_Buffer *const *const *argument_lists; // for each device
  size_t num_devices;
  size_t num_args;
  PJRT_Buffer **const *output_lists;   // out; for each device
  PJRT_Event **device_complete_events; // out; none: not asked for
  PJRT_Device *execute_device;         // none: as compiled
} PJRT_LoadedExecutable_Execute_Args;

// The table of functions

typedef struct {
  PJRT_STRUCT_HEADER;
  int32_t major_version;
  int32_t minor_version;
} PJRT_Api_Version;

#define PJRT_FUNCTION(name, arguments) PJRT_Error *(*name)(arguments *)
#define PJRT_UNUSED(name, count) void *name[count]

typedef struct {
  PJRT_STRUCT_HEADER;
  PJRT_Api_Version version;
  void (*error_destroy)(PJRT_Error_Destroy_Args *);
  void (*error_message)(PJRT_Error_Message_Args *);
  PJRT_UNUSED(unused_error_code, 1);
  PJRT_FUNCTION(plugin_initialize, PJRT_Plugin_Initialize_Args);
  PJRT_FUNCTION(plugin_attributes, PJRT_Plugin_Attributes_Args);
  PJRT_FUNCTION(event_destroy, PJRT_Event_Args);
  PJRT_UNUSED(unused_event_states, 2);
  PJRT_FUNCTION(event_await, PJRT_Event_Args);
  PJRT_UNUSED(unused_event_callback, 1);
  PJRT_FUNCTION(client_create, PJRT_Client_Create_Args);
  PJRT_FUNCTION(client_destroy, PJRT_Client_Destroy_Args);
  PJRT_FUNCTION(client_platform_name, PJRT_Client_Text_Args);
  PJRT_UNUSED(unused_process_index, 1);
  PJRT_FUNCTION(client_platform_version, PJRT_Client_Text_Args);
  PJRT_UNUSED(unused_all_devices, 1);
  PJRT_FUNCTION(client_addressable_devices, PJRT_Client_Devices_Args);
  PJRT_UNUSED(unused_client, 3);
  PJRT_FUNCTION(client_compile, PJRT_Client_Compile_Args);
  PJRT_UNUSED(unused_device_assignment, 1);
  PJRT_FUNCTION(client_buffer_from_host_buffer, PJRT_Client_BufferFromHostBuffer_Args);
  PJRT_UNUSED(unused_devices_and_memories, 17);
  PJRT_FUNCTION(executable_destroy, PJRT_Executable_Destroy_Args);
  PJRT_UNUSED(unused_executable_name_and_sizes, 3);
  PJRT_FUNCTION(executable_num_outputs, PJRT_Executable_NumOutputs_Args);
  PJRT_UNUSED(unused_executable, 5);
  PJRT_FUNCTION(loaded_executable_destroy, PJRT_LoadedExecutable_Destroy_Args);
  PJRT_FUNCTION(loaded_executable_get_executable, PJRT_LoadedExecutable_GetExecutable_Args);
  PJRT_UNUSED(unused_loaded_executable, 3);
  PJRT_FUNCTION(loaded_executable_execute, PJRT_LoadedExecutable_Execute_Args);
  PJRT_UNUSED(unused_deserialization, 2);
  PJRT_FUNCTION(buffer_destroy, PJRT_Buffer_Destroy_Args);
  PJRT_UNUSED(unused_element_type, 1);
  PJRT_FUNCTION(buffer_dimensions, PJRT_Buffer_Dimensions_Args);
  PJRT_UNUSED(unused_buffer, 7);
  PJRT_FUNCTION(buffer_is_deleted, PJRT_Buffer_IsDeleted_Args);
  PJRT_UNUSED(unused_device_copy, 1);
  PJRT_FUNCTION(buffer_to_host_buffer, PJRT_Buffer_ToHostBuffer_Args);
} PJRT_Api;

#undef PJRT_FUNCTION
#undef PJRT_UNUSED

// The only symbol of a plugin that is looked up: GetPjrtApi.
typedef const PJRT_Api *(*PJRT_GetApi)(void);

// The versions of the interface with this layout: this major version, from this minor version on.
enum { PJRT_MAJOR_VERSION = 0, PJRT_MINIMUM_MINOR_VERSION = 60 };

// The position of a function in the table, counted from 0.
#define PJRT_ASSERT_FUNCTION(name, position)                                      \
  _Static_assert(offsetof(PJRT_Api, name) == 40 + 8 * (position),                 \
                 "the table of functions has another layout: " #name)
PJRT_ASSERT_FUNCTION(error_destroy, 0);
PJRT_ASSERT_FUNCTION(plugin_initialize, 3);
PJRT_ASSERT_FUNCTION(event_await, 8);
PJRT_ASSERT_FUNCTION(client_create, 10);
PJRT_ASSERT_FUNCTION(client_platform_version, 14);
PJRT_ASSERT_FUNCTION(client_addressable_devices, 16);
PJRT_ASSERT_FUNCTION(client_compile, 20);
PJRT_ASSERT_FUNCTION(client_buffer_from_host_buffer, 22);
PJRT_ASSERT_FUNCTION(executable_destroy, 40);
PJRT_ASSERT_FUNCTION(executable_num_outputs, 44);
PJRT_ASSERT_FUNCTION(loaded_executable_destroy, 50);
PJRT_ASSERT_FUNCTION(loaded_executable_execute, 55);
PJRT_ASSERT_FUNCTION(buffer_destroy, 58);
PJRT_ASSERT_FUNCTION(buffer_dimensions, 60);
PJRT_ASSERT_FUNCTION(buffer_is_deleted, 68);
PJRT_ASSERT_FUNCTION(buffer_to_host_buffer, 70);
#undef PJRT_ASSERT_FUNCTION

_Static_assert(sizeof(PJRT_NamedValue) == 56, "named values have another layout");
_Static_assert(offsetof(PJRT_Client_Create_Args, client) == 64, "a client's options have another layout");
_Static_assert(sizeof(PJRT_Client_BufferFromHostBuffer_Args) == 120, "buffers have another layout");
_Static_assert(sizeof(PJRT_Buffer_MemoryLayout) == 80, "layouts have another layout");
_Static_assert(sizeof(PJRT_Buffer_ToHostBuffer_Args) == 56, "copies have another layout");
_Static_assert(offsetof(PJRT_ExecuteOptions, context) == 72, "options of execution have another layout");
_Static_assert(sizeof(PJRT_LoadedExecutable_Execute_Args) == 80, "executions have another layout");

#endif
