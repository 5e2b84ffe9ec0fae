/// Languages that GitLab colours and does nothing else with.
enum CodeLanguages {
    static let known: Set<String> = Set(
        """
        ada apache asm awk bash basic bat batch c c# c++ clj clojure cmake cobol coffeescript console cpp cr crystal cs
        csharp css csv d dart diff docker dockerfile elixir elm erb erl erlang ex exs f# fish fortran fs fsharp go golang
        gradle graphql groovy h haml haskell hcl hpp hs html http ini java javascript js json json5 jsonc jsx jl julia
        kotlin kt less lisp log lua make makefile markdown matlab md mm nginx nim nix objc objective-c objectivec ocaml
        pascal patch perl php pl plain plaintext postgres powershell prolog properties proto protobuf ps1 puppet py
        python python3 r rb rs rst ruby rust sass scala scheme scss sh shell solidity sql svelte swift tcl terraform text
        tf toml ts tsv tsx txt typescript vb verilog vhdl vim vue wasm xml yaml yml zig zsh
        """.split { $0 == " " || $0 == "\n" }.map(String.init))
}
