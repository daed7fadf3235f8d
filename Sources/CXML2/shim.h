// libxml2 without its ICU converters: their headers clash with those inside Foundation, and captions need none.
#pragma once
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/tree.h>

/// Frees what libxml2 allocated; its own function is a variable.
static inline void sk_xml_free(void *pointer) { xmlFree(pointer); }
