// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A libcrypto.so.3 that knows nothing, for boot images.
 *
 * libkmod, as Debian builds it, links OpenSSL's library to name the signer of a module for
 * modinfo(8). Loading a module never asks: the kernel itself checks signatures. The real library
 * would be half of a boot image (1.5 of 3 MB). Here the first call of libkmod's way through it,
 * BIO_new_mem_buf(), finds no memory, and libkmod says that the signer is not known.
 * kexit-mkboot puts it in only where libkmod alone wants libcrypto, and asks for nothing that is
 * not below (kmod 30: libkmod/libkmod-signature.c).
 */
#include "standin/stand_in.h"

NOTHING(ASN1_INTEGER_to_BN)
NOTHING(ASN1_STRING_get0_data)
NOTHING(ASN1_STRING_length)
NOTHING(BIO_free)
NOTHING(BIO_new_mem_buf)
NOTHING(BN_bn2bin)
NOTHING(BN_free)
NOTHING(BN_num_bits)
NOTHING(OBJ_obj2nid)
NOTHING(OPENSSL_sk_value)
NOTHING(PKCS7_SIGNER_INFO_get0_algs)
NOTHING(PKCS7_free)
NOTHING(PKCS7_get_signer_info)
NOTHING(X509_ALGOR_get0)
NOTHING(X509_NAME_ENTRY_get_data)
NOTHING(X509_NAME_ENTRY_get_object)
NOTHING(X509_NAME_entry_count)
NOTHING(X509_NAME_get_entry)
NOTHING(d2i_PKCS7_bio)
