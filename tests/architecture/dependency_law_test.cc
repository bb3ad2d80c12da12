// The dependency law, read from the includes themselves: which folder may use which. A folder that is not in
// the table may not exist, so that a new one has to say where it stands.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"

namespace rapport {
namespace {

namespace fs = std::filesystem;

// Folder → folders of ours that it may include, itself always among them. "rapport/" stands for the generated
// contract.
const std::map<std::string, std::set<std::string>>& Law() {
  static const std::map<std::string, std::set<std::string>> kLaw = {
      {"matcher/domain", {}},
      {"matcher/versioned", {}},
      {"matcher/eligibility", {"matcher/domain", "matcher/versioned"}},
      {"matcher/capacity", {"matcher/domain"}},
      {"matcher/fit", {"matcher/domain", "matcher/versioned"}},
      {"matcher/advice", {"matcher/domain", "matcher/fit"}},
      {"matcher/state",
       {"matcher/domain", "matcher/versioned", "matcher/eligibility", "matcher/capacity", "matcher/fit"}},
      {"matcher/ranking",
       {"matcher/domain", "matcher/versioned", "matcher/eligibility", "matcher/capacity", "matcher/fit",
        "matcher/state"}},
      {"services/runtime", {"google/rpc"}},
      {"services/storage", {}},
      {"services/contract", {"rapport", "matcher/domain", "services/runtime"}},
      {"services/matcher",
       {"rapport", "matcher/domain", "matcher/eligibility", "matcher/fit", "matcher/advice",
        "matcher/ranking", "matcher/state", "services/runtime", "services/storage", "services/contract"}},
      {"services/intake",
       {"rapport", "matcher/domain", "services/runtime", "services/storage", "services/contract"}},
      {"services/feedback",
       {"rapport", "matcher/domain", "services/runtime", "services/storage", "services/contract"}},
      {"services/cli",
       {"rapport", "google/rpc", "matcher/domain", "matcher/fit", "services/runtime", "services/contract",
        "services/matcher", "services/intake", "services/feedback"}},
  };
  return kLaw;
}

// Headers of libraries that a folder of the law must not know, by the beginning of the include.
const std::vector<std::pair<std::string, std::vector<std::string>>>& Forbidden() {
  static const std::vector<std::pair<std::string, std::vector<std::string>>> kForbidden = {
      {"matcher/",
       {"grpc", "google/protobuf", "sqlite3", "thread", "mutex", "condition_variable", "absl/time/clock"}},
      {"services/storage", {"grpc", "google/protobuf"}},
      {"services/intake", {"sqlite3"}},
      {"services/feedback", {"sqlite3"}},
      {"services/matcher", {"sqlite3"}},
  };
  return kForbidden;
}

// The folder of the law that a path from the root lies in; empty when there is none.
std::string FolderOf(const std::string& path) {
  if (absl::StartsWith(path, "rapport/")) return "rapport";
  if (absl::StartsWith(path, "google/rpc/")) return "google/rpc";
  for (const auto& [folder, allowed] : Law()) {
    if (absl::StartsWith(path, absl::StrCat(folder, "/"))) return folder;
  }
  return "";
}

bool IsOurs(const std::string& include) {
  return absl::StartsWith(include, "matcher/") || absl::StartsWith(include, "services/") ||
         absl::StartsWith(include, "tests/") || absl::StartsWith(include, "rapport/") ||
         absl::StartsWith(include, "google/rpc/");
}

// What a line includes, `#  include <a/b.h>` or "a/b.h"; empty when it includes nothing.
std::string IncludedBy(absl::string_view line) {
  line = absl::StripLeadingAsciiWhitespace(line);
  if (!absl::ConsumePrefix(&line, "#")) return "";
  line = absl::StripLeadingAsciiWhitespace(line);
  if (!absl::ConsumePrefix(&line, "include")) return "";
  line = absl::StripLeadingAsciiWhitespace(line);
  if (!absl::ConsumePrefix(&line, "<") && !absl::ConsumePrefix(&line, "\"")) return "";
  return std::string(line.substr(0, line.find_first_of(">\"")));
}

// What breaks the law in one file, one line each.
std::vector<std::string> Breaches(const std::string& path, const std::string& text) {
  std::vector<std::string> breaches;
  const std::string folder = FolderOf(path);
  if (folder.empty()) return {absl::StrCat(path, ": its folder is not in the dependency law")};
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::string include = IncludedBy(line);
    if (include.empty()) continue;
    const std::string target = FolderOf(include);
    if (IsOurs(include) && target != folder && !Law().at(folder).contains(target)) {
      breaches.push_back(absl::StrCat(path, " may not include ", include));
    }
    for (const auto& [prefix, headers] : Forbidden()) {
      if (!absl::StartsWith(path, prefix)) continue;
      for (const std::string& header : headers) {
        if (absl::StartsWith(include, header))
          breaches.push_back(absl::StrCat(path, " may not know ", include));
      }
    }
  }
  return breaches;
}

TEST(DependencyLawTest, EveryFileKeepsIt) {
  std::vector<std::string> breaches;
  int files = 0;
  const fs::path root = RAPPORT_SOURCE_DIR;
  for (const char* top : {"matcher", "services"}) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / top)) {
      const std::string extension = entry.path().extension().string();
      if (!entry.is_regular_file() || (extension != ".h" && extension != ".cc")) continue;
      std::ifstream in(entry.path());
      const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
      const std::vector<std::string> found =
          Breaches(fs::relative(entry.path(), root).generic_string(), text);
      breaches.insert(breaches.end(), found.begin(), found.end());
      ++files;
    }
  }
  EXPECT_GT(files, 100) << "the sources were not found";
  EXPECT_TRUE(breaches.empty()) << absl::StrJoin(breaches, "\n");
}

TEST(DependencyLawTest, AForbiddenIncludeIsCaught) {
  EXPECT_TRUE(
      Breaches("matcher/fit/model.cc", "#include \"matcher/domain/catalog.h\"\n#include <vector>\n").empty());
  const std::pair<const char*, const char*> kForbiddenIncludes[] = {
      {"matcher/fit/model.cc", "#include \"matcher/state/state.h\""},
      {"matcher/fit/model.cc", "#include <grpcpp/grpcpp.h>"},
      {"matcher/state/apply.cc", "#include \"rapport/log/v1/event.pb.h\""},
      {"matcher/ranking/rank.cc", "  #  include <mutex>"},
      {"services/intake/intake.cc", "#include \"services/feedback/feedback.h\""},
      {"services/feedback/feedback.cc", "#include \"services/matcher/matcher.h\""},
      {"services/runtime/server.cc", "#include \"matcher/domain/words.h\""},
      {"services/storage/outbox.cc", "#include \"services/runtime/clock.h\""},
      {"services/intake/intake.cc", "#include <sqlite3.h>"},
      {"services/contract/convert.cc", "#include \"tests/support/random_network.h\""},
      {"services/news/news.cc", ""},
  };
  for (const auto& [path, text] : kForbiddenIncludes)
    EXPECT_EQ(Breaches(path, text).size(), 1u) << path << ": " << text;
}

TEST(DependencyLawTest, HasNoCircle) {
  // Each folder's allowed folders must be allowed nothing that leads back.
  std::map<std::string, std::set<std::string>> reach = Law();
  for (std::size_t round = 0; round < Law().size(); ++round) {
    for (auto& [folder, reached] : reach) {
      const std::set<std::string> before = reached;
      for (const std::string& next : before) {
        if (reach.contains(next)) reached.insert(reach[next].begin(), reach[next].end());
      }
    }
  }
  for (const auto& [folder, reached] : reach) EXPECT_FALSE(reached.contains(folder)) << folder;
}

}  // namespace
}  // namespace rapport
