// OpenSSL 3 for Swift. The functions below replace macros and typed stacks, which Swift does not import.
#ifndef CLOISTER_OPENSSL_SHIM_H
#define CLOISTER_OPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

// The bytes in a memory BIO, which still owns them.
static inline long cossl_bio_bytes(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }

// A new P-256 key, or NULL.
static inline EVP_PKEY *cossl_new_p256_key(void) { return EVP_EC_gen("P-256"); }

// Whether a key is on the curve P-256, given by its name. Parameters that are spelt out don't count.
static inline int cossl_is_p256(const EVP_PKEY *key) {
  char name[32];
  size_t length = 0;
  int explicit = 1;
  return key != NULL && EVP_PKEY_get_group_name(key, name, sizeof name, &length) == 1 &&
         OBJ_txt2nid(name) == NID_X9_62_prime256v1 &&
         EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &explicit) == 1 && !explicit;
}

// Repeats a certificate's subject as its alternative name, which some verifiers require. Returns 1 if that worked.
static inline int cossl_add_own_name(X509 *certificate) {
  GENERAL_NAMES *names = GENERAL_NAMES_new();
  GENERAL_NAME *name = GENERAL_NAME_new();
  X509_NAME *subject = X509_NAME_dup(X509_get_subject_name(certificate));
  int is_added = 0;
  if (names != NULL && name != NULL && subject != NULL && sk_GENERAL_NAME_push(names, name) > 0) {
    GENERAL_NAME_set0_value(name, GEN_DIRNAME, subject);
    is_added = X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT);
  }
  GENERAL_NAMES_free(names);
  return is_added;
}

static inline int cossl_signer_count(CMS_ContentInfo *cms) {
  return sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms));
}

// One signature of the message, which owns it. NULL if there is none.
static inline CMS_SignerInfo *cossl_signer_info(CMS_ContentInfo *cms, int index) {
  return index >= cossl_signer_count(cms) ? NULL : sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), index);
}

// The signer's certificate, once CMS_verify has found it; owned by the message. NULL if it is not known.
static inline X509 *cossl_signer(CMS_SignerInfo *info) {
  X509 *signer = NULL;
  CMS_SignerInfo_get0_algs(info, NULL, &signer, NULL, NULL);
  return signer;
}

// The signing time that the signer claims, in seconds since 1970; -1 if there is none.
static inline long long cossl_signing_time(CMS_SignerInfo *info) {
  ASN1_OBJECT *kind = OBJ_nid2obj(NID_pkcs9_signingTime);
  const ASN1_TIME *time = CMS_signed_get0_data_by_OBJ(info, kind, -3, V_ASN1_UTCTIME);
  if (time == NULL) time = CMS_signed_get0_data_by_OBJ(info, kind, -3, V_ASN1_GENERALIZEDTIME);
  struct tm parts;
  return time == NULL || ASN1_TIME_to_tm(time, &parts) != 1 ? -1 : (long long)timegm(&parts);
}

// The first certificate in a message, for an error to name; the caller frees it. NULL if there is none.
static inline X509 *cossl_first_certificate(CMS_ContentInfo *cms) {
  STACK_OF(X509) *all = CMS_get1_certs(cms);
  X509 *first = sk_X509_num(all) < 1 ? NULL : sk_X509_value(all, 0);
  if (first != NULL) X509_up_ref(first);
  sk_X509_pop_free(all, X509_free);
  return first;
}

// Adds every certificate and revocation list in a PEM stream to the store and, if they are of authorities, to that of
// authorities; lists go to both. Calls tell with each certificate.
// Returns the number of lists, or -1 if the stream can't be read or contains neither.
static inline int cossl_add_pem(X509_STORE *store, X509_STORE *authorities, int are_authorities, BIO *pem,
                                void (*tell)(X509 *, void *), void *context) {
  STACK_OF(X509_INFO) *parts = PEM_X509_INFO_read_bio(pem, NULL, NULL, (void *)"");
  if (parts == NULL) return -1;
  int lists = 0, found = 0;
  for (int i = 0; i < sk_X509_INFO_num(parts); i++) {
    X509_INFO *part = sk_X509_INFO_value(parts, i);
    if (part->x509 != NULL && X509_STORE_add_cert(store, part->x509) == 1) {
      found++, tell(part->x509, context);
      if (are_authorities) X509_STORE_add_cert(authorities, part->x509);
    }
    if (part->crl != NULL && X509_STORE_add_crl(store, part->crl) == 1) {
      found++, lists++;
      X509_STORE_add_crl(authorities, part->crl);
    }
  }
  sk_X509_INFO_pop_free(parts, X509_INFO_free);
  return found == 0 ? -1 : lists;
}

// Whether a chain leads from the signer's certificate to one in the store, as CMS_verify would build it.
static inline int cossl_is_issued(X509_STORE *store, X509 *signer, CMS_ContentInfo *cms) {
  STACK_OF(X509) *others = CMS_get1_certs(cms);
  X509_STORE_CTX *context = X509_STORE_CTX_new();
  int is_issued = context != NULL && X509_STORE_CTX_init(context, store, signer, others) == 1 &&
                  X509_STORE_CTX_set_default(context, "smime_sign") == 1 && X509_verify_cert(context) == 1;
  X509_STORE_CTX_free(context);
  sk_X509_pop_free(others, X509_free);
  return is_issued;
}

// A self-signed certificate has no issuer above it that could revoke it, so it needs no list.
static inline int cossl_missing_list(int ok, X509_STORE_CTX *context) {
  if (ok || X509_STORE_CTX_get_error(context) != X509_V_ERR_UNABLE_TO_GET_CRL) return ok;
  X509 *current = X509_STORE_CTX_get_current_cert(context);
  if (current == NULL || (X509_get_extension_flags(current) & EXFLAG_SS) == 0) return 0;
  X509_STORE_CTX_set_error(context, X509_V_OK);
  return 1;
}

static inline void cossl_demand_lists(X509_STORE *store) {
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  X509_STORE_set_verify_cb(store, cossl_missing_list);
}

// Checks validity as of the given time instead of now.
static inline void cossl_judge_at(X509_STORE *store, long long seconds) {
  X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), (time_t)seconds);
}

// The time that a time stamp response (RFC 3161, DER) gives for some bytes, in seconds since 1970; -1 if it is invalid.
static inline long long cossl_timestamp(BIO *response, BIO *content, X509_STORE *store) {
  TS_RESP *parsed = d2i_TS_RESP_bio(response, NULL);
  TS_VERIFY_CTX *context = TS_VERIFY_CTX_new();
  long long seconds = -1;
  if (parsed != NULL && context != NULL) {
    TS_VERIFY_CTX_set_flags(context, TS_VFY_VERSION | TS_VFY_SIGNER | TS_VFY_DATA | TS_VFY_SIGNATURE);
    BIO_up_ref(content), TS_VERIFY_CTX_set_data(context, content);
    X509_STORE_up_ref(store), TS_VERIFY_CTX_set_store(context, store);
    struct tm parts;
    if (TS_RESP_verify_response(context, parsed) == 1 &&
        ASN1_TIME_to_tm(TS_TST_INFO_get_time(TS_RESP_get_tst_info(parsed)), &parts) == 1)
      seconds = (long long)timegm(&parts);
  }
  TS_VERIFY_CTX_free(context);
  TS_RESP_free(parsed);
  return seconds;
}

#endif
