// See page_token.h. A token is base64url(seal + position), the seal being half an HMAC-SHA256: 128 bits
// cannot be guessed.
#include "services/runtime/page_token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/runtime/errors.h"
#include "services/runtime/limits.h"

namespace rapport::runtime {
namespace {

constexpr size_t kSealBytes = 16;

}  // namespace

PageTokens::PageTokens(std::string key) : key_(std::move(key)) {}

std::string PageTokens::Encode(absl::string_view position, absl::string_view query) const {
  return absl::WebSafeBase64Escape(absl::StrCat(Seal(position, query), position));
}

absl::StatusOr<std::string> PageTokens::Decode(absl::string_view token, absl::string_view query) const {
  std::string bytes;
  if (token.size() <= kMaxPageTokenLength && absl::WebSafeBase64Unescape(token, &bytes) &&
      bytes.size() >= kSealBytes) {
    std::string position = bytes.substr(kSealBytes);
    const std::string seal = Seal(position, query);
    if (CRYPTO_memcmp(seal.data(), bytes.data(), kSealBytes) == 0) return position;
  }
  Violations violation;
  violation.Add("page_token", "not one of ours, or of another query");
  return violation.ToStatus();
}

std::string PageTokens::Seal(absl::string_view position, absl::string_view query) const {
  // The length keeps (query, position) apart from any other split of the same bytes.
  const std::string text = absl::StrCat(query.size(), ":", query, position);
  unsigned char digest[EVP_MAX_MD_SIZE];
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, nullptr);
  return std::string(reinterpret_cast<const char*>(digest), kSealBytes);
}

}  // namespace rapport::runtime
