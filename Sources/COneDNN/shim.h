#include <oneapi/dnnl/dnnl.h>
#if DNNL_VERSION_MAJOR != 2
#error "the CPU engine needs oneDNN 2.x (Debian 12: libdnnl-dev 2.6); 3.x has another C API"
#endif
