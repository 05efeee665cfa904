internal import Foundation

/// The keys and certificates of everyone in the test vectors, as `NAME.key` and `NAME.crt`, made with stock openssl.
package final class VectorKeys: Sendable {
  package let folder: TemporaryFolder

  package static let shared = Result { try VectorKeys() }

  private static let script = #"""
    set -e
    cat > ca.conf <<END
    [ca]
    default_ca = own
    [own]
    database = index.txt
    serial = serial.txt
    new_certs_dir = .
    default_md = sha256
    policy = any
    crlnumber = crlnumber.txt
    default_crl_days = 30
    x509_extensions = leaf
    [any]
    commonName = supplied
    [leaf]
    basicConstraints = critical,CA:FALSE
    keyUsage = critical,digitalSignature
    [req]
    distinguished_name = name
    [name]
    [authority]
    basicConstraints = critical,CA:TRUE
    keyUsage = critical,keyCertSign,cRLSign
    subjectKeyIdentifier = hash
    [issuing-site]
    basicConstraints = critical,CA:TRUE
    keyUsage = critical,keyCertSign,digitalSignature
    subjectKeyIdentifier = hash
    [server]
    basicConstraints = critical,CA:FALSE
    keyUsage = critical,digitalSignature
    extendedKeyUsage = serverAuth
    [encipherment]
    basicConstraints = critical,CA:FALSE
    keyUsage = critical,keyEncipherment
    [unknown-critical]
    basicConstraints = critical,CA:FALSE
    keyUsage = critical,digitalSignature
    1.2.3.4 = critical,ASN1:UTF8String:unknown
    [stamp]
    extendedKeyUsage = critical,timeStamping
    [tsa]
    default_tsa = stamper
    [stamper]
    serial = stamps.txt
    default_policy = 1.2.3.4.1
    digests = sha256
    signer_digest = sha256
    END
    touch index.txt; echo 10 > serial.txt; echo 01 > crlnumber.txt; echo 01 > stamps.txt
    p256() { openssl ecparam -name prime256v1 -genkey -noout -out $1.key; }
    selfSigned() {
      openssl req -new -x509 -key $1.key -subj "/CN=$2" -days 30 -config ca.conf -extensions $3 -out $4.crt
    }
    for name in authority another-authority stamper impostor officer second issued expired future revoked; do
      p256 $name
    done
    for name in authority another-authority; do selfSigned $name "$name" authority $name; done
    selfSigned stamper "Stamper" stamp stamper
    selfSigned impostor "Test Hospital" leaf impostor
    selfSigned officer "Officer" leaf officer
    selfSigned officer "Officer Renewed" leaf officer-renewed; cp officer.key officer-renewed.key
    selfSigned second "Second Officer" leaf second
    for curve in secp384r1 secp521r1 secp224r1 secp256k1 brainpoolP256r1 brainpoolP384r1 sect283r1 prime239v1; do
      openssl ecparam -name $curve -genkey -noout -out $curve.key; selfSigned $curve "Test Hospital" leaf $curve
    done
    openssl ecparam -name prime256v1 -genkey -noout -param_enc explicit -out explicit.key
    selfSigned explicit "Test Hospital" leaf explicit
    for kind in issuing-site server encipherment unknown-critical; do
      p256 $kind; selfSigned $kind "Test Hospital" $kind $kind
    done
    issuedBy() {
      p256 $2; openssl req -new -key $2.key -subj "/CN=$3" -config ca.conf -out $2.csr
      openssl x509 -req -in $2.csr -CA $1.crt -CAkey $1.key -days 20 -extfile ca.conf -extensions leaf -out $2.crt
    }
    issuedBy issuing-site issued-by-site "Test Hospital"
    issuedBy authority officer-of-authority "Officer"
    p256 nameless
    openssl req -new -x509 -key nameless.key -subj "/O=Test Hospital" -days 30 -config ca.conf -extensions leaf \
      -out nameless.crt
    p256 two-named
    openssl req -new -x509 -key two-named.key -subj "/CN=Test Hospital/CN=Other Hospital" -days 30 -config ca.conf \
      -extensions leaf -out two-named.crt
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out weak.key
    openssl req -new -x509 -sha1 -key weak.key -subj "/CN=weak" -days 30 -config ca.conf -extensions authority \
      -out weak.crt
    issuedBy weak issued-by-weak "Test Hospital"
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key; selfSigned rsa "Test Hospital" leaf rsa
    issue() {
      openssl req -new -key $1.key -subj "/CN=Test Hospital" -config ca.conf -out $1.csr
      openssl ca -batch -config ca.conf -cert authority.crt -keyfile authority.key -in $1.csr -notext -out $1.crt $2
    }
    echo 'unique_subject = no' > index.txt.attr
    issue issued "-days 20"
    issue expired "-startdate 20200101000000Z -enddate 20210101000000Z"
    issue future "-startdate 20900101000000Z -enddate 20910101000000Z"
    issue revoked "-days 20"
    gencrl() { openssl ca -config ca.conf -cert $1.crt -keyfile $1.key -gencrl -out $2.crt $3; }
    openssl ca -config ca.conf -cert authority.crt -keyfile authority.key -revoke revoked.crt
    gencrl authority list
    gencrl authority old-list "-crl_lastupdate 20200101000000Z -crl_nextupdate 20200201000000Z"
    gencrl another-authority other-list
    """#

  private init() throws {
    folder = try TemporaryFolder()
    let made = try runProgram("bash", ["-c", Self.script], in: folder.path)
    guard made.status == 0 else { throw ProgramFailed(what: made.errors) }
  }
}
