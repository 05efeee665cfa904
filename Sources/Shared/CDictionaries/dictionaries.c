#include "dictionaries.h"

#include <stdlib.h>
#include <zlib.h>

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char icd9_diagnoses[] = {
#embed "icd-9-cm-diagnoses.tsv.gz"
};
static const unsigned char icd9_procedures[] = {
#embed "icd-9-cm-procedures.tsv.gz"
};
static const unsigned char icd10_diagnoses[] = {
#embed "icd-10-cm.tsv.gz"
};
static const unsigned char icd10_procedures[] = {
#embed "icd-10-pcs.tsv.gz"
};

static const struct {
  const unsigned char *bytes;
  size_t count;
} dictionaries[] = {
    {icd9_diagnoses, sizeof icd9_diagnoses},
    {icd9_procedures, sizeof icd9_procedures},
    {icd10_diagnoses, sizeof icd10_diagnoses},
    {icd10_procedures, sizeof icd10_procedures},
};

unsigned char *cloister_dictionary(int number, size_t *count) {
  const unsigned char *bytes = dictionaries[number].bytes;
  const size_t size = dictionaries[number].count;
  // The last four bytes of gzip data are the length of the text, the lowest first.
  size_t length = 0;
  for (int place = 1; place <= 4; place++) length = length << 8 | bytes[size - place];
  unsigned char *text = malloc(length > 0 ? length : 1);
  z_stream stream = {.next_in = (unsigned char *)bytes, .avail_in = (unsigned)size,
                     .next_out = text, .avail_out = (unsigned)length};
  // 16 more than the largest window stands for gzip.
  if (text == NULL || inflateInit2(&stream, 15 + 16) != Z_OK) abort();
  if (inflate(&stream, Z_FINISH) != Z_STREAM_END) abort();
  inflateEnd(&stream);
  *count = length;
  return text;
}
