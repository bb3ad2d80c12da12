// rapport advise: stay, talk it through, or try another.
#include <memory>

#include "services/cli/commands/bindings.h"
#include "services/cli/flags.h"
#include "services/cli/json.h"
#include "services/cli/views/advice.h"

namespace rapport::cli {

Action BindAdvise(CLI::App& app) {
  struct Flags {
    std::string client_id;
    std::string therapist_id;
    std::string needs_file;
    std::vector<std::string> tried;
    int64_t min_as_of = 0;
  };
  auto flags = std::make_shared<Flags>();
  app.add_option("--client", flags->client_id, "Pseudonymous id of the client")->required();
  app.add_option("THERAPIST", flags->therapist_id, "Whom the client sees now")->required();
  app.add_option("--needs", flags->needs_file,
                 "The client's needs, a JSON file; - for standard input; default: as last reserved with");
  app.add_option("--tried", flags->tried, "A therapist already tried; repeatable")->allow_extra_args(false);
  app.add_option("--min-as-of", flags->min_as_of, "Answer only from a state that includes this log position")
      ->check(IntegerFrom(0));
  return Online([flags](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    matcher::v1::AdviseNextStepRequest request;
    request.set_client_id(flags->client_id);
    request.set_therapist_id(flags->therapist_id);
    if (!flags->needs_file.empty()) {
      if (absl::Status status = ReadJson(session, flags->needs_file, request.mutable_needs()); !status.ok())
        return status;
    }
    for (const std::string& id : flags->tried) request.add_tried_therapist_ids(id);
    request.set_min_as_of(flags->min_as_of);
    const auto response = services.Call(&MatcherStub::AdviseNextStep, request);
    if (!response.ok()) return response.status();
    if (session.json) {
      session.out << ToJson(*response);
    } else {
      PrintAdvice(session.out, response->advice());
    }
    return ExitCode::kOk;
  });
}

}  // namespace rapport::cli
