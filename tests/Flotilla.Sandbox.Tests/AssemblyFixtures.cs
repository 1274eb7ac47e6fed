using Flotilla.Sandbox.Tests.Support;

[assembly: AssemblyFixture(typeof(TemplateCache))]
