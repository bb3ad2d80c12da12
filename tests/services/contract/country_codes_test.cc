// Countries' codes against the list that the time zone database brings.
#include "services/contract/country_codes.h"

#include <fstream>
#include <set>
#include <string>

#include "gtest/gtest.h"

namespace rapport::contract {
namespace {

TEST(CountryCodes, AreThoseOfIso3166) {
  std::ifstream file("/usr/share/zoneinfo/iso3166.tab");
  ASSERT_TRUE(file) << "of the package tzdata, which the services need too";
  std::set<std::string> listed = {"AA", "ZZ"};  // and what else is left to users
  for (char b = 'M'; b <= 'Z'; ++b) listed.insert({'Q', b});
  for (char b = 'A'; b <= 'Z'; ++b) listed.insert({'X', b});
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') listed.insert(line.substr(0, 2));
  }
  for (char a = 'A'; a <= 'Z'; ++a) {
    for (char b = 'A'; b <= 'Z'; ++b) {
      const std::string code = {a, b};
      EXPECT_EQ(IsCountryCode(code), listed.contains(code)) << code;
    }
  }
}

TEST(CountryCodes, HaveTwoCapitals) {
  for (const char* code : {"", "U", "USA", "XAA", "X1", "xk", "us", "Us", "U1", "\xc3\x84"})
    EXPECT_FALSE(IsCountryCode(code)) << code;
}

}  // namespace
}  // namespace rapport::contract
