// The served model behind a line protocol, so that other people's scripts can drive it: JSON objects on
// stdin, one a line; a reply on stdout where one is asked for. The protocol stands in README.md.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "services/cli/evaluate/learner.h"
#include "services/cli/evaluate/replay.h"
#include "services/cli/evaluate/world.h"

namespace {

using nlohmann::json;
using rapport::evaluate::Features;
using rapport::evaluate::Meeting;

Features ToFeatures(const json& object) {
  Features features;
  for (const auto& [column, value] : object.items()) {
    if (value.is_number()) features[column] = value.get<double>();
  }
  return features;
}

// Words that the training meetings know; others are passed over.
std::vector<std::string> ConcernsOf(const json& message) {
  if (!message.contains("concerns")) return {};
  return message.at("concerns").get<std::vector<std::string>>();
}

class Program {
 public:
  explicit Program(std::optional<rapport::evaluate::Replay> training) : training_(std::move(training)) {}

  void Hear(const json& message) {
    const std::string op = message.at("op");
    if (op == "client") {
      clients_[message.at("id")] = ToFeatures(message.at("features"));
    } else if (op == "therapist") {
      therapists_[message.at("id")] = ToFeatures(message.at("features"));
    } else if (op == "wave") {
      Start();
      if (!training_) learner_->StartWave();
    } else if (op == "reset_wave") {
      Start();
      learner_->ForgetPeople();
    } else if (op == "feedback") {
      Start();
      learner_->Learn(ToMeeting(message));
    } else if (op == "predict") {
      Start();
      json p = json::array();
      for (const json& therapist : message.at("therapists")) {
        p.push_back(learner_->Predict({message.at("client"), therapist, ConcernsOf(message), {}}));
      }
      std::cout << json{{"p", p}}.dump() << std::endl;
    }
  }

 private:
  // People are all known now: the catalog is made from their columns, and the training meetings are learned.
  void Start() {
    if (learner_ != nullptr) return;
    if (training_) {
      clients_.insert(training_->clients.begin(), training_->clients.end());
      therapists_.insert(training_->therapists.begin(), training_->therapists.end());
    }
    absl::StatusOr<rapport::evaluate::World> world = rapport::evaluate::World::Create(
        clients_, therapists_, rapport::evaluate::WishedFacets(clients_),
        training_ ? rapport::evaluate::OutlookOf(*training_) : rapport::evaluate::AnswerOutlook(),
        training_ ? rapport::evaluate::WordsOf(*training_) : rapport::evaluate::MeetingWords());
    if (!world.ok()) {
      std::cerr << world.status() << std::endl;
      std::exit(1);
    }
    world_ = *std::move(world);
    learner_ = rapport::evaluate::MakeModel(*world_, true);
    if (!training_) return;
    for (const Meeting& meeting : training_->meetings) {
      if (!meeting.scored) learner_->Learn(meeting);
    }
    learner_->StartWave();
  }

  Meeting ToMeeting(const json& message) {
    Meeting meeting;
    meeting.t = ++heard_;
    meeting.id = std::to_string(heard_);
    meeting.client_id = message.at("client");
    meeting.therapist_id = message.at("therapist");
    meeting.accepted = message.at("accepted").get<int>() != 0;
    meeting.concerns = ConcernsOf(message);
    if (message.contains("rates")) meeting.answers = ToFeatures(message.at("rates"));
    if (message.contains("bond") && message.at("bond").is_number())
      meeting.answers["bond"] = message.at("bond");
    return meeting;
  }

  std::optional<rapport::evaluate::Replay> training_;
  std::map<std::string, Features> clients_, therapists_;
  std::optional<rapport::evaluate::World> world_;
  std::unique_ptr<rapport::evaluate::Learner> learner_;
  std::int64_t heard_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  std::optional<rapport::evaluate::Replay> training;
  if (argc == 3 && std::string(argv[1]) == "--train") {
    absl::StatusOr<rapport::evaluate::Replay> replay = rapport::evaluate::ReadReplay(argv[2]);
    if (!replay.ok()) {
      std::fprintf(stderr, "%s\n", replay.status().ToString().c_str());
      return 1;
    }
    training = *std::move(replay);
  } else if (argc != 1) {
    std::fprintf(stderr, "usage: replay_program [--train DIR]\n");
    return 2;
  }
  Program program(std::move(training));
  for (std::string line; std::getline(std::cin, line);) {
    if (!line.empty()) program.Hear(json::parse(line));
  }
}
