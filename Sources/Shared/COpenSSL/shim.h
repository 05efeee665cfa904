// OpenSSL 3 as Swift sees it. The functions below stand for macros and typed stacks, which Swift does not import.
#ifndef CLOISTER_OPENSSL_SHIM_H
#define CLOISTER_OPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

// The bytes that a memory BIO holds; the pointer stays the BIO's.
static inline long cossl_bio_bytes(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }

// A new P-256 key, or NULL.
static inline EVP_PKEY *cossl_new_p256_key(void) { return EVP_EC_gen("P-256"); }

static inline int cossl_signer_count(CMS_ContentInfo *cms) {
  return sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms));
}

// The first signature of the message; owned by it. NULL where there is none.
static inline CMS_SignerInfo *cossl_first_signer_info(CMS_ContentInfo *cms) {
  return cossl_signer_count(cms) < 1 ? NULL : sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
}

// The certificate that made the first signature, after CMS_verify; owned by the message. NULL where there is none.
static inline X509 *cossl_first_signer(CMS_ContentInfo *cms) {
  STACK_OF(X509) *signers = CMS_get0_signers(cms);
  X509 *first = signers == NULL || sk_X509_num(signers) < 1 ? NULL : sk_X509_value(signers, 0);
  sk_X509_free(signers);
  return first;
}

#endif
