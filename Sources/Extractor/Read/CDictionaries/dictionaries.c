#include "dictionaries.h"

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

const unsigned char *cloister_dictionary(int number, size_t *count) {
  switch (number) {
    case 0: *count = sizeof icd9_diagnoses; return icd9_diagnoses;
    case 1: *count = sizeof icd9_procedures; return icd9_procedures;
    case 2: *count = sizeof icd10_diagnoses; return icd10_diagnoses;
    default: *count = sizeof icd10_procedures; return icd10_procedures;
  }
}
