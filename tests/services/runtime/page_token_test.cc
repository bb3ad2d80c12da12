// Page tokens: opened only with the key and the query that they were made for.
#include "services/runtime/page_token.h"

#include <gtest/gtest.h>

#include "services/runtime/errors.h"
#include "services/runtime/limits.h"

namespace rapport::runtime {
namespace {

constexpr char kKey[] = "0123456789abcdef";

void ExpectRefused(const absl::StatusOr<std::string>& decoded) {
  EXPECT_TRUE(absl::IsInvalidArgument(decoded.status()));
  ASSERT_EQ(ViolationsOf(decoded.status()).size(), 1u);
  EXPECT_EQ(ViolationsOf(decoded.status())[0].field_path, "page_token");
}

TEST(PageTokens, RoundTrip) {
  const PageTokens tokens(kKey);
  for (const std::string& position :
       {std::string("ref_01"), std::string(), std::string("\0\xff binary", 9)}) {
    const std::string token = tokens.Encode(position, "list");
    EXPECT_EQ(token.find_first_of("+/= "), std::string::npos) << token;
    EXPECT_EQ(*tokens.Decode(token, "list"), position);
  }
}

TEST(PageTokens, OfAnotherQueryOrKey) {
  const PageTokens tokens(kKey);
  const std::string token = tokens.Encode("ref_01", "network=a");
  ExpectRefused(tokens.Decode(token, "network=b"));
  ExpectRefused(PageTokens("another key 16 b").Decode(token, "network=a"));
  // The border between query and position is sealed too.
  ExpectRefused(tokens.Decode(tokens.Encode("bc", "a"), "ab"));
}

TEST(PageTokens, AnyChangedCharacterIsNoticed) {
  const PageTokens tokens(kKey);
  const std::string token = tokens.Encode("ref_0123456", "list");  // 27 bytes: no unused bits in the base64
  for (size_t i = 0; i < token.size(); ++i) {
    std::string forged = token;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    ExpectRefused(tokens.Decode(forged, "list"));
  }
}

TEST(PageTokens, Rubbish) {
  const PageTokens tokens(kKey);
  for (const std::string& rubbish :
       {std::string(), std::string("x"), std::string("%%%"), std::string(kMaxPageTokenLength + 1, 'A')}) {
    ExpectRefused(tokens.Decode(rubbish, "list"));
  }
}

}  // namespace
}  // namespace rapport::runtime
